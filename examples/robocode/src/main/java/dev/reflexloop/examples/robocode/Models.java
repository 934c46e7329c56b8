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

/** The model files of this example: the committed ones, or those that system properties name. */
final class Models {
    private static final int WARM_UP_QUESTIONS = 300;
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(4);

    private Models() {}

    /** Loads the model and asks it some questions, so that the JVM has compiled it before the first turn counts. */
    static NanoModel load(Path file) {
        NanoModel model = NanoModel.load(file);
        warmUp(model);
        return model;
    }

    /** The model that plays: the committed one, or the one that the system property {@code reflex.robocode.model} names. */
    static Path file() {
        return file("nano.gguf", "reflex.robocode.model");
    }

    /** The model that knows little on purpose, or the one that the system property {@code reflex.handover.model} names. */
    static Path weak() {
        return file("weak.gguf", "reflex.handover.model");
    }

    /** A model as a file; a committed one is copied out of the jar into the temporary folder until the JVM ends. */
    private static Path file(String resourceName, String property) {
        String named = System.getProperty(property);
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        try (InputStream resource = Models.class.getResourceAsStream(resourceName)) {
            if (resource == null) {
                throw new IllegalStateException("the example holds no " + resourceName
                        + "; mvn -Ptrain makes it, or name a file by the system property " + property);
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
                        400,
                        300,
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
