package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Situation;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Escalations for tests. */
final class Escalations {
    static final Instant AT = Instant.ofEpochSecond(1_774_580_000);

    private Escalations() {}

    /** A guard who wants money; two options. */
    static Escalation guard(String id) {
        return of(id, "hero", "A guard stops you, " + id + ".", AT);
    }

    static Escalation of(String id, String entity, String words, Instant at) {
        return of(
                id,
                entity,
                words,
                at,
                List.of(
                        new Situation.Option("Pay the fine", "talk", Optional.of("guard")),
                        new Situation.Option("Resist arrest", "fight", Optional.of("guard"))));
    }

    static Escalation of(String id, String entity, String words, Instant at, List<Situation.Option> options) {
        return new Escalation(
                id,
                id.replaceFirst("-e$", ""),
                new Situation(Situation.Kind.DIALOGUE, words, options, Situation.Waiting.IDLE),
                Perception.builder(entity, 7).fact("health", 80).at(at).build(),
                Goal.of("reach Balmora"),
                at);
    }
}
