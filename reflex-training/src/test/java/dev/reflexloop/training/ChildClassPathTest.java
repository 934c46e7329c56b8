package dev.reflexloop.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildClassPathTest {

    private static final String CLASS = "dev/reflexloop/training/TrainingWorker.class";

    @TempDir
    Path folder;

    @Test
    void entries_ofThisTest_holdTheModulesTheLibrariesAndNoTestCode() throws IOException {
        Natives.require();
        List<Path> entries = new ChildClassPath(loader(), folder).entries();

        assertThat(entries).allSatisfy(entry -> assertThat(entry).exists());
        assertThat(entries.stream().map(Path::toString))
                .anyMatch(entry -> entry.contains("pytorch-"))
                .anyMatch(entry -> entry.contains("openblas-"))
                .anyMatch(entry -> entry.contains("jackson-databind"))
                .noneMatch(entry -> entry.contains("test-classes"))
                .noneMatch(entry -> entry.contains("slf4j-simple"));
        assertThat(entries).doesNotHaveDuplicates();
    }

    @Test
    void entries_platformWithoutNatives_saysWhatToDo() {
        assertThatThrownBy(() -> new ChildClassPath(loader(), folder, "windows-x86_64").entries())
                .isInstanceOfSatisfying(
                        TrainingException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(TrainingException.Reason.NO_NATIVES))
                .hasMessageContaining("classifier windows-x86_64");
        assertThatThrownBy(() -> new ChildClassPath(loader(), folder, "linux-arm64").entries())
                .hasMessageContaining("no natives for linux-arm64")
                .hasMessageContaining("the model file runs everywhere");
    }

    @Test
    void entries_jarInsideAJar_isCopiedOut() throws IOException {
        Path inner = jar("inner.jar", "org/bytedeco/javacpp/unknown/libjnijavacpp.so", new byte[] {1, 2, 3});
        Path outer = jar("outer.jar", "BOOT-INF/lib/inner.jar", Files.readAllBytes(inner));
        URL nested = new URL("jar:" + outer.toUri() + "!/BOOT-INF/lib/inner.jar");
        Path scratch = Files.createDirectory(folder.resolve("scratch"));
        ClassLoader parent = loader();
        ClassLoader boot = new ClassLoader(parent) {
            @Override
            public URL getResource(String name) {
                if (!name.endsWith("libjnijavacpp.so")) {
                    return super.getResource(name);
                }
                try {
                    return new URL(nested + "!/" + name);
                } catch (IOException wrong) {
                    throw new IllegalStateException(wrong);
                }
            }
        };

        assertThatThrownBy(() -> new ChildClassPath(boot, scratch, "unknown").entries())
                .hasMessageContaining("no natives for unknown");

        try (var files = Files.list(scratch)) {
            List<Path> copies = files.toList();
            assertThat(copies).hasSize(1);
            assertThat(copies.get(0)).hasBinaryContent(Files.readAllBytes(inner));
        }
    }

    @Test
    void rootOf_everyKindOfUrl_isTheJarOrFolder() {
        assertThat(ChildClassPath.rootOf("file:/a/classes/" + CLASS, CLASS)).isEqualTo("file:/a/classes/");
        assertThat(ChildClassPath.rootOf("jar:file:/a/b.jar!/" + CLASS, CLASS)).isEqualTo("file:/a/b.jar");
        assertThat(ChildClassPath.rootOf("jar:file:/a.jar!/BOOT-INF/lib/b.jar!/" + CLASS, CLASS))
                .isEqualTo("file:/a.jar!/BOOT-INF/lib/b.jar");
        assertThat(ChildClassPath.rootOf("jar:nested:/a.jar/!BOOT-INF/lib/b.jar!/" + CLASS, CLASS))
                .isEqualTo("nested:/a.jar/!BOOT-INF/lib/b.jar");
    }

    @Test
    void entries_withoutTheClasses_namesTheArtifact() throws IOException {
        try (URLClassLoader empty = new URLClassLoader(new URL[0], null)) {
            ClassLoader before = Thread.currentThread().getContextClassLoader();
            Thread.currentThread().setContextClassLoader(empty);
            try {
                assertThatThrownBy(() -> new ChildClassPath(empty, folder).entries())
                        .hasMessageContaining("dev.reflexloop:reflex-training");
            } finally {
                Thread.currentThread().setContextClassLoader(before);
            }
        }
    }

    @Test
    void argumentFile_pathsWithSpacesAndBackslashes_areQuoted() {
        String text = ChildProcess.argumentFile(
                Path.of("scratch"),
                new ChildProcess.Settings(1, 512, Optional.empty()),
                List.of(Path.of("C:\\Program Files\\a.jar")));

        assertThat(text).contains("\"C:\\\\Program Files\\\\a.jar\"").contains("\"-Xmx512m\"");
    }

    private Path jar(String name, String entry, byte[] content) throws IOException {
        Path file = folder.resolve(name);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            ZipEntry stored = new ZipEntry(entry);
            out.putNextEntry(stored);
            out.write(content);
            out.closeEntry();
        }
        return file;
    }

    private static ClassLoader loader() {
        return ChildClassPath.class.getClassLoader();
    }
}
