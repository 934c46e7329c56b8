package dev.reflexloop.llm.decorator;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.ScriptedModel;

/** The decorators, each around one model, for tests that hold for all of them. */
enum Kind {
    POOL {
        @Override
        ReflexModel around(ReflexModel model) {
            return ModelPool.of(model, model);
        }
    },
    ROUTER {
        @Override
        ReflexModel around(ReflexModel model) {
            return ModelRouter.byScenario(ScriptedModel.answering("wait"))
                    .model(ModelRouter.EXPLORATION, model)
                    .model(ModelRouter.COMBAT, model)
                    .build();
        }
    },
    ADAPTIVE {
        @Override
        ReflexModel around(ReflexModel model) {
            return AdaptiveLimitModel.builder(model).initial(8).build();
        }
    },
    BREAKER {
        @Override
        ReflexModel around(ReflexModel model) {
            return CircuitBreakerModel.of(model);
        }
    },
    CACHE {
        @Override
        ReflexModel around(ReflexModel model) {
            return DecisionCacheModel.of(model);
        }
    };

    abstract ReflexModel around(ReflexModel model);
}
