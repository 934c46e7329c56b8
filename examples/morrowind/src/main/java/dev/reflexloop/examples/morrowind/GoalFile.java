package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Goal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** What the strategist wants: a text. A file that vanishes leaves the last goal standing. One thread at a time. */
final class GoalFile {
    private static final int MAX_BYTES = 8_192;
    private static final int MAX_TEXT = 1_000;

    private final WatchedFile file;
    private final Troubles troubles;
    private Goal last = Goal.none();

    GoalFile(Path path, Troubles troubles) {
        this.file = new WatchedFile(path, MAX_BYTES);
        this.troubles = troubles;
    }

    /**
     * Looks at the file.
     *
     * @param now the wall clock
     * @return the goal, if it changed
     */
    Optional<Goal> look(Instant now) {
        try {
            Optional<WatchedFile.Content> content = file.look(now);
            if (content.isEmpty()) {
                return Optional.empty();
            }
            String text = new String(content.get().bytes(), StandardCharsets.UTF_8).strip();
            Goal goal = Goal.of(text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text);
            if (goal.equals(last)) {
                return Optional.empty();
            }
            last = goal;
            return Optional.of(goal);
        } catch (IOException unreadable) {
            troubles.count(Troubles.Kind.UNREADABLE_FILE, file.path(), String.valueOf(unreadable.getMessage()));
            return Optional.empty();
        }
    }
}
