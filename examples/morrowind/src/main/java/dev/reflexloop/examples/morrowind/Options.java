package dev.reflexloop.examples.morrowind;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;

/** What the command line says. Immutable. */
final class Options {
    private static final Duration EVERY = Duration.ofMillis(1_500);
    private static final Duration BETWEEN = Duration.ofMillis(250);

    private Folder folder = new Folder(Folder.usual());
    private String model = "";
    private String prompt = "";
    private Duration budget = Duration.ofMillis(200);
    private Duration lease = Duration.ofSeconds(2);
    private Duration poll = Duration.ofMillis(50);
    private double speed = 1;
    private boolean once;
    private boolean quiet;

    private Options() {}

    static String help() {
        return """
                Lets a pilot process in any language be driven by the reflex, through files in a folder.

                  --folder FOLDER   where the files are (~/.timmy/morrowind)
                  --model MODEL     who decides:
                                      nano                  the model of this example, inside this JVM; the default
                                      nano:FILE.gguf        another one of that kind
                                      rule                  the hand-written rule
                                      random, always:ACTION to compare with
                                      llama:FILE.gguf       starts a llama-server with that model; llama:nano is ours
                                      llama-server:ADDRESS  one that runs, http://127.0.0.1:8082 or unix:PATH
                                      ollama:NAME           that model of the Ollama at OLLAMA_HOST (this machine)
                  --prompt MODEL    a server's model is asked as this one was trained to be: FILE.gguf, or nano for
                                    ours; plainly where it is left out
                  --budget MILLIS   how long a decision may take (200)
                  --lease MILLIS    how long an action may be begun (2000)
                  --poll MILLIS     time between two looks at the files (50)
                  --speed TIMES     how fast the game's clock runs (1); decisions follow it, budget and lease are the wall's
                  --once            ends when the pilot says that the game is over
                  --quiet           prints no line for each decision
                  --help            this text
                """;
    }

    /**
     * Reads the arguments.
     *
     * @throws IllegalArgumentException if one is unknown, incomplete or out of its range
     */
    static Options parse(String... arguments) {
        Options options = new Options();
        Deque<String> left = new ArrayDeque<>(List.of(arguments));
        while (!left.isEmpty()) {
            String name = left.remove();
            try {
                options.read(name, left);
            } catch (NoSuchElementException missing) {
                throw new IllegalArgumentException(name + " needs a value", missing);
            } catch (NumberFormatException wrong) {
                throw new IllegalArgumentException(name + " needs a number above 0", wrong);
            } catch (InvalidPathException wrong) {
                throw new IllegalArgumentException(name + " needs a path: " + wrong.getMessage(), wrong);
            }
        }
        return options;
    }

    private void read(String name, Deque<String> left) {
        switch (name) {
            case "--folder" -> folder = new Folder(Path.of(left.remove()).toAbsolutePath());
            case "--model" -> model = left.remove();
            case "--prompt" -> prompt = left.remove();
            case "--budget" -> budget = millis(left.remove());
            case "--lease" -> lease = millis(left.remove());
            case "--poll" -> poll = millis(left.remove());
            case "--speed" -> speed = above0(left.remove());
            case "--once" -> once = true;
            case "--quiet" -> quiet = true;
            default -> throw new IllegalArgumentException("unknown option '" + name + "'");
        }
    }

    private static Duration millis(String text) {
        return Duration.ofNanos(Math.max(1, Math.round(above0(text) * 1e6)));
    }

    private static double above0(String text) {
        double value = Double.parseDouble(text);
        if (!(value > 0) || value > 1e9) {
            throw new NumberFormatException(text.toLowerCase(Locale.ROOT));
        }
        return value;
    }

    Folder folder() {
        return folder;
    }

    /** Who decides; empty for the default. */
    String model() {
        return model;
    }

    /** The trained model whose prompt a server is asked with; empty for the plain prompt. */
    String prompt() {
        return prompt;
    }

    Duration budget() {
        return budget;
    }

    Duration lease() {
        return lease;
    }

    Duration poll() {
        return poll;
    }

    /** How often it is decided about a perception that does not change, by the wall's clock. */
    Duration every() {
        return atSpeed(EVERY);
    }

    /** The shortest time between two decisions about perceptions that are not urgent, by the wall's clock. */
    Duration between() {
        return atSpeed(BETWEEN);
    }

    double speed() {
        return speed;
    }

    boolean once() {
        return once;
    }

    boolean quiet() {
        return quiet;
    }

    /** A time of the game by the wall's clock. */
    Duration atSpeed(Duration ofTheGame) {
        return Duration.ofNanos(Math.max(1, (long) (ofTheGame.toNanos() / speed)));
    }
}
