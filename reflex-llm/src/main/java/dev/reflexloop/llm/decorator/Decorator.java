package dev.reflexloop.llm.decorator;

import dev.reflexloop.ReflexModel;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the decorators have in common. The model inside is asked through a gate of the core: it may stall or throw in {@code ask} and in
 * {@code cancel}, or return null, and neither holds up nor surprises the decorator.
 */
abstract class Decorator extends Forwarding {
    /** A bound for calls that hang, not a limit to work with: those are the model's own and the loop's. */
    static final int MOST_CALLS = 64;

    private static final int LONGEST_ID = 120;

    private final String id;

    /**
     * @param kind what the decorator does, for the id
     * @param inner a guarded model
     */
    Decorator(String kind, ReflexModel inner) {
        super(inner);
        this.id = id(kind, inner.id());
    }

    /** The model behind a gate; it is closed with the gate. */
    static ReflexModel guard(@Nullable ReflexModel model) {
        return ReflexModel.limited(Objects.requireNonNull(model, "model inside a decorator"), MOST_CALLS);
    }

    static String id(String kind, String inner) {
        String whole = kind + "(" + inner + ")";
        return whole.length() <= LONGEST_ID ? whole : whole.substring(0, LONGEST_ID - 2) + "\u2026)";
    }

    static String ids(Collection<ReflexModel> models) {
        return models.stream().map(ReflexModel::id).collect(Collectors.joining(","));
    }

    /** A decorator's own, and those of the model inside. */
    final String settings(String own) {
        String more = inner().settings();
        return more.isEmpty() ? own : own + ", " + more;
    }

    /** Those of each, by its id. */
    static String settings(Collection<ReflexModel> models) {
        return models.stream()
                .map(model -> model.id() + "[" + model.settings() + "]")
                .collect(Collectors.joining(" "));
    }

    /** Closes each, also when one of them throws; the first failure is thrown at the end. */
    static void closeAll(Collection<ReflexModel> models) {
        RuntimeException first = null;
        for (ReflexModel model : models) {
            try {
                model.close();
            } catch (RuntimeException failure) {
                if (first == null) {
                    first = failure;
                } else {
                    first.addSuppressed(failure);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    static Duration notNegative(Duration value, String what) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(what + " is " + value + "; give a duration of zero or more");
        }
        return value;
    }

    @Override
    public final String id() {
        return id;
    }

    @Override
    public final boolean returnsAtOnce() {
        return true;
    }
}
