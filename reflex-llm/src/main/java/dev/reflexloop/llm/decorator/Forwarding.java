package dev.reflexloop.llm.decorator;

import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;

/** Everything that a model around one other model hands on to it, but the asking. As safe for threads as the model inside. */
abstract class Forwarding implements ReflexModel {
    private final ReflexModel inner;

    Forwarding(ReflexModel inner) {
        this.inner = inner;
    }

    final ReflexModel inner() {
        return inner;
    }

    @Override
    public void prepare(Question expected) {
        inner.prepare(expected);
    }

    @Override
    public String id() {
        return inner.id();
    }

    @Override
    public String settings() {
        return inner.settings();
    }

    @Override
    public boolean returnsAtOnce() {
        return inner.returnsAtOnce();
    }

    /** Closes the model inside. Idempotent and bounded where that is. */
    @Override
    public void close() {
        inner.close();
    }
}
