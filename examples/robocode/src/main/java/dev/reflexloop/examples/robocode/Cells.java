package dev.reflexloop.examples.robocode;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The finished cells of an evaluation, one file each, in a folder for exactly this model and this code. One thread at a time. */
final class Cells {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Class<?>> CODE = List.of(
            Arena.class,
            Cockpit.class,
            Engine.class,
            Foe.class,
            Gun.class,
            Motor.class,
            ReflexBot.class,
            Rule.class,
            Situation.class,
            SteppedCockpit.class);
    private static final int DIGITS = 12;

    /**
     * What one cell came to. Immutable.
     *
     * @param pairing which opponents of the arena
     * @param rounds the scores
     * @param skippedTurns turns that the robot lost
     * @param failures errors of the robot and of the game
     * @param decisions decisions of the reflex, as all that follows; 0 for other policies
     * @param byModel served by the model
     * @param late served after the deadline
     * @param opened decisions that waited for an outcome
     * @param closedByGame decisions that the game closed
     * @param agreed decisions that the rule would have made too
     * @param asked decisions about which the rule was asked
     */
    record Cell(
            int pairing,
            List<Engine.Round> rounds,
            long skippedTurns,
            long failures,
            long decisions,
            long byModel,
            long late,
            long opened,
            long closedByGame,
            long agreed,
            long asked) {

        static Cell of(int pairing, Engine.Battle battle, Cockpit cockpit) {
            return new Cell(
                    pairing,
                    battle.rounds(),
                    cockpit.skippedTurns(),
                    cockpit.failures() + (long) battle.errors().size(),
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0);
        }

        Cell with(
                long allDecisions,
                long servedByModel,
                long lateDecisions,
                long openedSteps,
                long closedSteps,
                long agreedDecisions,
                long askedDecisions) {
            return new Cell(
                    pairing,
                    rounds,
                    skippedTurns,
                    failures,
                    allDecisions,
                    servedByModel,
                    lateDecisions,
                    openedSteps,
                    closedSteps,
                    agreedDecisions,
                    askedDecisions);
        }
    }

    private final Path folder;
    private final Terminal terminal;

    private Cells(Path folder, Terminal terminal) {
        this.folder = folder;
        this.terminal = terminal;
    }

    /**
     * Opens the cells for a model.
     *
     * @param work the folder of all cells
     * @param model the model file
     * @param terminal told about every new cell
     * @param more code beside the game's that the results depend on
     */
    static Cells open(Path work, Path model, Terminal terminal, Class<?>... more) throws IOException {
        MessageDigest digest = sha256();
        digest.update(Files.readAllBytes(model));
        List<Class<?>> code = new ArrayList<>(CODE);
        code.addAll(List.of(more));
        for (Class<?> each : code) {
            try (InputStream bytes = each.getResourceAsStream(each.getSimpleName() + ".class")) {
                if (bytes != null) {
                    digest.update(bytes.readAllBytes());
                }
            }
        }
        String fingerprint = HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
        return new Cells(Files.createDirectories(work.resolve(fingerprint)), terminal);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** A file that belongs to a cell. */
    Path beside(String name) {
        return folder.resolve(name);
    }

    /** The cell as it was played before, or played now. */
    Cell get(String key, Supplier<Cell> play) {
        Path file = folder.resolve(key + ".json");
        try {
            if (Files.exists(file)) {
                return JSON.readValue(Files.readAllBytes(file), Cell.class);
            }
            long begun = System.nanoTime();
            Cell cell = play.get();
            Path part = folder.resolve(key + ".part");
            Files.write(part, JSON.writeValueAsBytes(cell));
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            terminal.line(String.format(
                    Locale.ROOT,
                    "%-36s share %.3f  won %3d of %3d  skipped %d  failures %d  %4.0f s",
                    key,
                    new Tally().add(cell.rounds()).share().value(),
                    cell.rounds().stream().filter(Engine.Round::first).count(),
                    cell.rounds().size(),
                    cell.skippedTurns(),
                    cell.failures(),
                    (System.nanoTime() - begun) / 1e9));
            return cell;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cell " + file + " cannot be read or written; delete it or check the folder", e);
        }
    }
}
