package dev.reflexloop.escalation;

import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Mission;
import dev.reflexloop.Signal;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Who takes guidance and signals, for all bots or for one. Thread-safe. */
final class Takers {
    private static final String ALL = "";

    private final Map<String, Consumer<Guidance>> guides = new ConcurrentHashMap<>();
    private final Map<String, LoopGuard> guards = new ConcurrentHashMap<>();

    void guide(Consumer<Guidance> to) {
        guides.put(ALL, to);
    }

    void guide(String entity, Consumer<Guidance> to) {
        guides.put(entity, to);
    }

    void guard(LoopGuard to) {
        guards.put(ALL, to);
    }

    void guard(String entity, LoopGuard to) {
        guards.put(entity, to);
    }

    Optional<Consumer<Guidance>> guide(String entity) {
        return Optional.ofNullable(guides.getOrDefault(entity, guides.get(ALL)));
    }

    LoopGuard guard(String entity) {
        LoopGuard guard = guards.getOrDefault(entity, guards.get(ALL));
        return guard == null ? LoopGuard.disabled() : guard;
    }

    /** The guards of some bots, each once; of none: all guards. */
    Set<LoopGuard> guards(Collection<String> entities) {
        return entities.isEmpty()
                ? Set.copyOf(guards.values())
                : entities.stream().map(this::guard).collect(Collectors.toSet());
    }

    /**
     * Has a bot's guard hear what a reply says about a mission. Where it is not known which, nothing is heard but a forced stop: of
     * the mission of this moment.
     */
    void signal(String entity, String mission, StrategistReply reply) {
        LoopGuard guard = guard(entity);
        if (!mission.isEmpty()) {
            guard.signal(mission, reply.signal(), reply.actions());
        } else if (reply.signal() == Signal.FORCED_STOP) {
            guard.signal(reply.signal());
        }
    }

    /** The mission with a goal, if that is a bot's mission now. */
    Optional<String> missionOf(String entity, Goal goal) {
        Mission now = guard(entity).mission();
        return now.goal().equals(goal) ? Optional.of(now.id()) : Optional.empty();
    }
}
