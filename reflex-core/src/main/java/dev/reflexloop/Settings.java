package dev.reflexloop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** What decides in a loop, in words that are the same for the same settings in every run. */
final class Settings {
    private static final String LAMBDA = "$$Lambda";

    private Settings() {}

    static List<Setting> of(ReflexLoop.Builder loop) {
        String bot = loop.schema.name();
        List<Setting> all = new ArrayList<>();
        all.add(new Setting(Setting.Kind.SCHEMA, bot, schema(loop.schema)));
        all.add(new Setting(Setting.Kind.MODEL, bot, model(loop.model)));
        all.add(new Setting(Setting.Kind.POLICY, bot, policy(loop)));
        all.add(new Setting(Setting.Kind.POLICY, bot + ": asking", asking(loop)));
        all.add(new Setting(Setting.Kind.GUARD, bot, loop.guard.toString()));
        all.add(new Setting(Setting.Kind.OTHER, bot, rest(loop)));
        return all;
    }

    /** The order counts, because models are shown the actions in it. */
    private static String schema(ActionSchema schema) {
        StringJoiner text = new StringJoiner("; ");
        for (Action action : schema.actions()) {
            boolean idle = action.equals(schema.idle());
            boolean abstain = schema.abstain().filter(action::equals).isPresent();
            text.add(action.name()
                    + (idle ? " (idle)" : "")
                    + (abstain ? " (abstain)" : "")
                    + (action.cooldown().isZero() ? "" : " (cooldown=" + action.cooldown() + ")")
                    + (action.description().isEmpty() ? "" : ": " + action.description()));
        }
        return text.toString();
    }

    private static String model(ReflexModel model) {
        String more = model.settings();
        return model.id() + (more.isEmpty() ? "" : ", " + more);
    }

    /** As the loop takes them: without somebody to ask there is no policy. */
    private static String policy(ReflexLoop.Builder loop) {
        if (loop.sink == null) {
            return "nobody is asked";
        }
        return loop.policy == null ? "only what the model abstains from" : loop.policy.settings();
    }

    private static String asking(ReflexLoop.Builder loop) {
        if (loop.sink == null) {
            return "nobody is asked";
        }
        return "escalationsPerMinute=" + loop.escalationsPerMinute
                + ", patience=" + loop.patience
                + ", askAgainAfter=" + loop.askAgainAfter
                + ", waitAtMost=" + loop.waitAtMost;
    }

    private static String rest(ReflexLoop.Builder loop) {
        Duration cached = loop.cacheFor;
        return "budget=" + loop.budget
                + ", cacheFor=" + (cached.isZero() ? "never" : cached)
                + ", fallback=" + nameOf(loop.fallback)
                + ", shield=" + nameOf(loop.shield)
                + ", ask=" + loop.allSideQuestions();
    }

    /** The class of what a user gave. */
    static String nameOf(Object theirs) {
        return withoutLambda(theirs.getClass().getName());
    }

    /** A lambda's own name is another one in every run; what stays is the class that made it. */
    static String withoutLambda(String className) {
        int lambda = className.indexOf(LAMBDA);
        return lambda < 0 ? className : className.substring(0, lambda);
    }
}
