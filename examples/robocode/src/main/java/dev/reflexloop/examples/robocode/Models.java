package dev.reflexloop.examples.robocode;

import dev.reflexloop.Deadline;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.nano.NanoModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/** The model file of this example: the committed one, or the one that the system property {@code reflex.robocode.model} names. */
final class Models {
    private static final String RESOURCE = "nano.gguf";
    private static final int WARM_UP_QUESTIONS = 300;
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(4);

    private Models() {}

    /** Loads the model and asks it some questions, so that the JVM has compiled it before the first turn counts. */
    static NanoModel load(Path file) {
        NanoModel model = NanoModel.load(file);
        warmUp(model);
        return model;
    }

    /** The model as a file; the committed one is copied out of the jar into the temporary folder until the JVM ends. */
    static Path file() {
        String named = System.getProperty("reflex.robocode.model");
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        try (InputStream resource = Models.class.getResourceAsStream(RESOURCE)) {
            if (resource == null) {
                throw new IllegalStateException(
                        "the example holds no model; mvn -Ptrain makes one, or name a file by the system"
                                + " property reflex.robocode.model");
            }
            Path copy = Files.createTempFile("reflex-robocode-", ".gguf");
            copy.toFile().deleteOnExit();
            Files.copy(resource, copy, StandardCopyOption.REPLACE_EXISTING);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot copy the model into the temporary folder; point java.io.tmpdir to a writable folder", e);
        }
    }

    private static void warmUp(ReflexModel model) {
        Deadline end = Deadline.in(WARM_UP_LIMIT, ReflexClock.system());
        for (int i = 0; i < WARM_UP_QUESTIONS && !end.expired(); i++) {
            try {
                model.ask(Question.about(Tactic.schema(), invented(i)), end).join();
            } catch (CompletionException | CancellationException e) {
                return; // whatever is wrong will show in the game, where it is counted
            }
        }
    }

    private static Perception invented(int i) {
        return new Situation(
                        i,
                        1 + i % 5,
                        i % 3,
                        100 - i % 90,
                        i % 100,
                        i % 50,
                        100,
                        i % 100,
                        50 + i * 7 % 600,
                        i % 8,
                        i % 8,
                        i * 3 % 300,
                        i % 10 / 10.0,
                        i % 20,
                        i % 16,
                        i % Situation.LONG_AGO,
                        Situation.LONG_AGO,
                        i % 16 / 10.0,
                        i % 7 == 0)
                .perception();
    }
}
