package dev.reflexloop.training;

import static org.assertj.core.api.Assumptions.assumeThat;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** Whether libtorch is there for the platform of the test. */
final class Natives {

    private Natives() {}

    /** Skips the test, and says so, where libtorch has no natives. */
    static void require() {
        String platform = Loader.Detector.getPlatform();
        assumeThat(Natives.class.getResource(
                        "/org/bytedeco/pytorch/" + platform + "/" + System.mapLibraryName("jnitorch")))
                .as("libtorch's natives for " + platform + " on the test class path")
                .isNotNull();
    }

    /** Also loads them into this JVM, with one thread, so that no OpenMP worker spins beside the test. */
    static void load() {
        require();
        Loader.load(torch.class);
        torch.set_num_threads(1);
    }
}
