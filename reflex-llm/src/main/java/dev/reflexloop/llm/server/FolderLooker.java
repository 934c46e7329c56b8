package dev.reflexloop.llm.server;

import dev.reflexloop.Deadline;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.gguf.GgufFile;
import dev.reflexloop.llm.gguf.GgufTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;

/** Reads the heads of a folder's GGUF files. */
final class FolderLooker implements Looker {
    private static final int MOST_FILES = 1_000;
    private static final int DEPTH = 8;

    private final Path folder;

    FolderLooker(Path folder) {
        this.folder = folder;
    }

    @Override
    public ModelPlace.Kind kind() {
        return ModelPlace.Kind.FOLDER;
    }

    @Override
    public String address() {
        return folder.toString();
    }

    @Override
    public CompletableFuture<ModelPlace> look(Deadline deadline, Executor threads) {
        CompletableFuture<ModelPlace> look = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    look.complete(read(deadline));
                } catch (IOException | RuntimeException failure) {
                    look.completeExceptionally(new IOException(
                            "the folder " + folder + " cannot be read; see that it is there and may be read", failure));
                }
            });
        } catch (RejectedExecutionException closed) {
            look.completeExceptionally(new IOException("the inventory was closed; build a new one", closed));
        }
        return look;
    }

    private ModelPlace read(Deadline deadline) throws IOException {
        List<ModelEntry> models = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Path file : files()) {
            if (deadline.expired()) {
                problems.add("not all files were read in the time given");
                break;
            }
            try (GgufFile gguf = GgufFile.open(file)) {
                models.add(entry(gguf));
            } catch (UnusableModelException damaged) {
                problems.add(String.valueOf(damaged.getMessage()));
            }
        }
        return new ModelPlace(kind(), address(), models, problems);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.find(
                folder,
                DEPTH,
                (path, attributes) -> attributes.isRegularFile()
                        && path.toString().toLowerCase(Locale.ROOT).endsWith(".gguf"))) {
            return all.limit(MOST_FILES).sorted().toList();
        } catch (UncheckedIOException unreadable) {
            throw unreadable.getCause();
        }
    }

    private static ModelEntry entry(GgufFile file) {
        Map<String, Long> stored = new HashMap<>();
        long parameters = 0;
        for (GgufTensor tensor : file.tensors()) {
            stored.merge(tensor.type().name(), tensor.elements(), Long::sum);
            parameters += tensor.elements();
        }
        String architecture = file.string("general.architecture").orElse("");
        return new ModelEntry(
                file.path().toString(),
                false,
                Looker.text(architecture),
                stored.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey),
                OptionalLong.of(parameters),
                OptionalLong.of(file.fileSize()),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                file.integer(architecture + ".context_length"),
                OptionalInt.empty(),
                OptionalInt.empty());
    }

    @Override
    public void close() {}
}
