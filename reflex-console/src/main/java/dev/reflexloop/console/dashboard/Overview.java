package dev.reflexloop.console.dashboard;

import dev.reflexloop.escalation.InboxEntry;
import dev.reflexloop.llm.server.ModelPlace;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a dashboard shows, at one moment.
 *
 * @param at when it was looked
 * @param window how far back it was looked; empty for all there is
 * @param files how many logs were read
 * @param bytes their size together
 * @param skipped lines that could not be read
 * @param decisions the decisions of all loops together
 * @param loops the loops by session
 * @param active the sessions among them with a decision in the last minute
 * @param pending escalations that wait
 * @param answered how many were answered
 * @param expired how many waited too long
 * @param byPeople labels that people gave
 * @param fromPlay labels that came with outcomes
 * @param tokens what a harness counts; empty where there is none
 * @param models where models are
 * @param problems what could not be found out, and why
 */
record Overview(
        Instant at,
        Optional<Duration> window,
        int files,
        long bytes,
        long skipped,
        LoopTally decisions,
        Map<String, LoopTally> loops,
        List<String> active,
        List<InboxEntry> pending,
        long answered,
        long expired,
        FileTally.LabelCount byPeople,
        FileTally.LabelCount fromPlay,
        Optional<Tokens> tokens,
        List<ModelPlace> models,
        List<String> problems) {
    /** Copies. */
    Overview {
        active = List.copyOf(active);
        pending = List.copyOf(pending);
        models = List.copyOf(models);
        problems = List.copyOf(problems);
    }
}
