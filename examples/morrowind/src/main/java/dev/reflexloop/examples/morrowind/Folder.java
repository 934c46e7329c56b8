package dev.reflexloop.examples.morrowind;

import java.nio.file.Path;

/**
 * The files by which pilot, reflex and strategist speak with each other.
 *
 * @param path the folder
 */
record Folder(Path path) {
    static Path usual() {
        return Path.of(System.getProperty("user.home"), ".timmy", "morrowind");
    }

    /** Written by the pilot. */
    Path perception() {
        return path.resolve("perception.json");
    }

    /** Appended to by the pilot. */
    Path events() {
        return path.resolve("events.jsonl");
    }

    /** Written by the strategist. */
    Path goal() {
        return path.resolve("goal.txt");
    }

    /** Written by us. */
    Path action() {
        return path.resolve("action.json");
    }

    /** Written by us. */
    Path escalation() {
        return path.resolve("escalation.txt");
    }

    /** Written by us; the answers stand in {@code escalation-answer.json} beside it. */
    Path inbox() {
        return path.resolve("escalation-inbox.jsonl");
    }

    /** A folder of {@code .msg} files, written by us. */
    Path alerts() {
        return path.resolve("alerts");
    }

    /** Written by us. */
    Path trajectory() {
        return path.resolve("trajectory.jsonl");
    }

    /** Written by us at the end. */
    Path stats() {
        return path.resolve("stats.json");
    }
}
