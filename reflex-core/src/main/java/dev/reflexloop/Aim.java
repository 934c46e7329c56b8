package dev.reflexloop;

import java.util.List;
import java.util.Optional;

/** Finds what an action that did not come from a model is aimed at. Belongs to the loop's turn. */
final class Aim {
    private final LegalMask mask;

    Aim(LegalMask mask) {
        this.mask = mask;
    }

    Optional<Target> first(Tick tick, Action action) {
        List<Target> offered = offered(tick, action);
        return offered.isEmpty() ? Optional.empty() : Optional.of(offered.get(0));
    }

    /** A target by its id, as long as the game offers it. */
    Optional<Target> named(Tick tick, Action action, String id) {
        for (Target each : offered(tick, action)) {
            if (each.id().equals(id)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** What a decision aimed at, as long as the game offers it; the first target otherwise. */
    Optional<Target> again(Tick tick, Decision decision) {
        return decision.target()
                .flatMap(target -> named(tick, decision.action(), target.id()))
                .or(() -> first(tick, decision.action()));
    }

    /** From the question; asked for where there was none, because nobody had to be asked. */
    private List<Target> offered(Tick tick, Action action) {
        Question question = tick.question;
        if (question != null) {
            return question.targets().getOrDefault(action.name(), List.of());
        }
        return tick.sound ? mask.targets(action, tick.perception) : List.of();
    }
}
