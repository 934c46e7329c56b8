package dev.reflexloop.llm.nano;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the fastest arithmetic of this JVM. */
final class Kernels {
    private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);
    private static final String MODULE = "jdk.incubator.vector";
    private static final String VECTOR_KERNEL = "dev.reflexloop.llm.nano.VectorKernel";

    private Kernels() {}

    /** The Vector API's where the JVM was started with its module, plain loops otherwise. */
    static Kernel best() {
        return Holder.BEST;
    }

    /** Looked for once: the answer cannot change while the JVM runs. */
    private static final class Holder {
        private static final Kernel BEST = find();
    }

    private static Kernel find() {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return new PlainKernel();
        }
        try {
            return Class.forName(VECTOR_KERNEL)
                    .asSubclass(Kernel.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | LinkageError failure) {
            // The module is an incubator's: another JDK's may not fit the class that was compiled with ours.
            LOG.warn("The Vector API of this JVM cannot be used; going on with plain loops", failure);
            return new PlainKernel();
        }
    }
}
