package dev.reflexloop.training;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/*
 * The class path of the child is not copied from the java.class.path property, which is wrong in a Maven or Gradle run
 * (a launcher's jar), in a container and on the module path. It is looked up instead: each thing the child needs is
 * asked for as a resource, and where it lies goes onto the path. That also keeps the host's logging back end, agents and
 * native libraries of other platforms out of the child.
 *
 * A jar inside a jar (Spring Boot) cannot be on a class path; it is copied into the scratch folder.
 */
/** Finds what the child process needs on its class path. One thread at a time. */
final class ChildClassPath {

    /** One class of each jar that the child needs; all but the last are required. */
    private static final List<String> CLASSES = List.of(
            "dev/reflexloop/training/TrainingWorker.class",
            "dev/reflexloop/TrajectoryReader.class",
            "dev/reflexloop/llm/PromptLayout.class",
            "com/fasterxml/jackson/core/JsonFactory.class",
            "com/fasterxml/jackson/databind/ObjectMapper.class",
            "com/fasterxml/jackson/annotation/JsonProperty.class",
            "org/slf4j/Logger.class",
            "org/bytedeco/javacpp/Loader.class",
            "org/bytedeco/openblas/global/openblas.class",
            "org/bytedeco/pytorch/global/torch.class");

    private final ClassLoader loader;
    private final Path scratch;
    private final String platform;
    private final Map<String, Path> roots = new LinkedHashMap<>();

    ChildClassPath(ClassLoader loader, Path scratch) {
        this(loader, scratch, Loader.Detector.getPlatform());
    }

    ChildClassPath(ClassLoader loader, Path scratch, String platform) {
        this.loader = loader;
        this.scratch = scratch;
        this.platform = platform;
    }

    /**
     * The entries, each a jar or a folder.
     *
     * @throws TrainingException if something is missing; the message names the artifact
     * @throws IOException if a nested jar cannot be copied
     */
    List<Path> entries() throws IOException {
        for (String name : CLASSES) {
            URL url = find(name);
            if (url == null) {
                throw new TrainingException(
                        TrainingException.Reason.NO_NATIVES,
                        name,
                        "The class " + name.replace('/', '.').replace(".class", "")
                                + " is not on the class path; add dev.reflexloop:reflex-training with its dependencies",
                        null);
            }
            add(url, name);
        }
        addNatives("javacpp", "jnijavacpp");
        addNatives("openblas", "jniopenblas");
        addNatives("pytorch", "jnitorch");
        return new ArrayList<>(roots.values());
    }

    private void addNatives(String artifact, String library) throws IOException {
        String name = "org/bytedeco/" + artifact + "/" + platform + "/" + mapLibraryName(library);
        URL url = find(name);
        if (url == null) {
            boolean exists = List.of("linux-x86_64", "macosx-arm64", "macosx-x86_64", "windows-x86_64")
                    .contains(platform);
            throw new TrainingException(
                    TrainingException.Reason.NO_NATIVES,
                    platform,
                    exists
                            ? "The natives of libtorch for " + platform + " are not on the class path (no " + name
                                    + "); add org.bytedeco:javacpp, org.bytedeco:openblas and org.bytedeco:pytorch with the"
                                    + " classifier " + platform + ", in the versions that reflex-training uses"
                            : "libtorch has no natives for " + platform
                                    + "; train on Linux x86-64, macOS or Windows x86-64, the model file runs everywhere",
                    null);
        }
        add(url, name);
    }

    private String mapLibraryName(String library) {
        if (platform.startsWith("windows")) {
            return library + ".dll";
        }
        return "lib" + library + (platform.startsWith("macosx") ? ".dylib" : ".so");
    }

    private @Nullable URL find(String name) {
        URL url = loader.getResource(name);
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return url == null && context != null ? context.getResource(name) : url;
    }

    private void add(URL url, String name) throws IOException {
        String root = rootOf(url.toString(), name);
        if (!roots.containsKey(root)) {
            roots.put(root, onDisk(root));
        }
    }

    /** The jar or folder that a resource lies in, as the text of a URL. */
    static String rootOf(String url, String name) {
        if (!url.endsWith(name)) {
            throw new IllegalStateException("expected " + name + " at the end of " + url);
        }
        String root = url.substring(0, url.length() - name.length());
        if (root.startsWith("jar:")) {
            root = root.substring("jar:".length());
        }
        return root.endsWith("!/") ? root.substring(0, root.length() - 2) : root;
    }

    private Path onDisk(String root) throws IOException {
        if (root.startsWith("file:") && !root.contains("!/")) {
            return Path.of(URI.create(root));
        }
        String nested = root.startsWith("nested:") ? "file:" + root.substring(7).replace("/!", "!/") : root;
        if (!nested.startsWith("file:") || !nested.endsWith(".jar")) {
            throw new TrainingException(
                    TrainingException.Reason.NO_NATIVES,
                    root,
                    "Cannot put '" + root + "' on the class path of the training process; start training from unpacked"
                            + " jars or a plain fat jar",
                    null);
        }
        Path copy = scratch.resolve(roots.size() + "-" + nested.substring(nested.lastIndexOf('/') + 1));
        try (InputStream in = URI.create("jar:" + nested).toURL().openStream()) {
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        }
        return copy;
    }
}
