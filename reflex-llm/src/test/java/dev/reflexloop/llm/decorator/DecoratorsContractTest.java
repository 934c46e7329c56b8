package dev.reflexloop.llm.decorator;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.FaultyModel;
import dev.reflexloop.testkit.FaultyModel.Fault;
import dev.reflexloop.testkit.ReflexModelContractTest;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

/** The contract of models, run on every decorator: around a model that takes time, and around one that is asked on another thread. */
class DecoratorsContractTest {

    abstract static class OnKind extends ReflexModelContractTest {
        private final Kind kind;

        OnKind(Kind kind) {
            this.kind = kind;
        }

        @Override
        protected ReflexModel createModel() {
            return kind.around(ScriptedModel.answering("wait").after(Duration.ofMillis(1)));
        }
    }

    @Nested
    class PoolTest extends OnKind {
        PoolTest() {
            super(Kind.POOL);
        }
    }

    @Nested
    class RouterTest extends OnKind {
        RouterTest() {
            super(Kind.ROUTER);
        }
    }

    @Nested
    class AdaptiveLimitTest extends OnKind {
        AdaptiveLimitTest() {
            super(Kind.ADAPTIVE);
        }
    }

    @Nested
    class CircuitBreakerTest extends OnKind {
        CircuitBreakerTest() {
            super(Kind.BREAKER);
        }
    }

    @Nested
    class DecisionCacheTest extends OnKind {
        DecisionCacheTest() {
            super(Kind.CACHE);
        }
    }

    @Nested
    class CalibratedTest extends OnKind {
        CalibratedTest() {
            super(Kind.CALIBRATED);
        }
    }

    @Nested
    class OrderSwapTest extends OnKind {
        OrderSwapTest() {
            super(Kind.ORDER_SWAP);
        }
    }

    @Nested
    class CascadeTest extends OnKind {
        CascadeTest() {
            super(Kind.CASCADE);
        }
    }

    @Nested
    class SideQuestionsTest extends OnKind {
        SideQuestionsTest() {
            super(Kind.SIDE_QUESTIONS);
        }
    }

    /** All of them, one inside the other, around a model that is asked on a thread of its own. */
    @Nested
    class AllOfThemTest extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            ReflexModel model = FaultyModel.always(Fault.NONE);
            for (Kind kind : Kind.values()) {
                model = kind.around(model);
            }
            return model;
        }
    }
}
