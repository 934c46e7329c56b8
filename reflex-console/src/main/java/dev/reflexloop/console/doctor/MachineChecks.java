package dev.reflexloop.console.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What training needs, and where files are written. */
final class MachineChecks {
    private MachineChecks() {}

    static List<Finding> libtorch() {
        String platform = platform();
        ClassLoader loader = MachineChecks.class.getClassLoader();
        boolean isThere = loader.getResource("org/bytedeco/pytorch/" + platform + "/") != null;
        return List.of(
                isThere
                        ? Finding.ok("libtorch", "for " + platform + ", so models can be trained")
                        : Finding.warn(
                                "libtorch",
                                "not here for " + platform + "; needed for reflexloop train only",
                                "put the jars org.bytedeco pytorch, openblas and javacpp with the classifier "
                                        + platform + " beside the other libraries"));
    }

    /** The name that the library's jars have for this machine. */
    private static String platform() {
        String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String processor = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String name = system.startsWith("mac") ? "macosx" : system.startsWith("windows") ? "windows" : "linux";
        return name
                + '-'
                + switch (processor) {
                    case "amd64", "x86_64", "x64" -> "x86_64";
                    case "aarch64", "arm64" -> "arm64";
                    default -> processor;
                };
    }

    static List<Finding> folders(List<Path> places) {
        Set<Path> folders = new LinkedHashSet<>();
        for (Path place : places) {
            Path absolute = place.toAbsolutePath().normalize();
            Path parent = absolute.getParent();
            folders.add(Files.isDirectory(absolute) || parent == null ? absolute : parent);
        }
        List<Finding> findings = new ArrayList<>();
        folders.forEach(folder -> findings.add(folder("folder", folder, Finding.Level.WARN)));
        findings.add(folder("temporary", Path.of(System.getProperty("java.io.tmpdir", "/tmp")), Finding.Level.FAIL));
        return findings;
    }

    private static Finding folder(String what, Path folder, Finding.Level otherwise) {
        try {
            Files.delete(Files.createTempFile(folder, ".reflex-doctor", ".tmp"));
            return Finding.ok(what, folder + " can be written");
        } catch (IOException failure) {
            return new Finding(
                    otherwise,
                    what,
                    folder + " cannot be written (" + failure + ")",
                    "see that it is there, has room, and may be written by you");
        }
    }
}
