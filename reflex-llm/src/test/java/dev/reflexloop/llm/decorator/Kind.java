package dev.reflexloop.llm.decorator;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.calibration.Calibration;
import dev.reflexloop.llm.calibration.OptionCount;
import dev.reflexloop.testkit.ScriptedModel;
import java.util.Map;

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
    },
    CALIBRATED {
        @Override
        ReflexModel around(ReflexModel model) {
            return new CalibratedModel(
                    model, new Calibration(Map.of(OptionCount.THREE_TO_FIVE, 2.0), Map.of("fight", 1.5)));
        }
    },
    ORDER_SWAP {
        @Override
        ReflexModel around(ReflexModel model) {
            return OrderSwapModel.builder(model).margin(1).build();
        }
    },
    CASCADE {
        @Override
        ReflexModel around(ReflexModel model) {
            return CascadeModel.builder(model, model).margin(1).build();
        }
    },
    SIDE_QUESTIONS {
        @Override
        ReflexModel around(ReflexModel model) {
            return new SideQuestionsModel(model);
        }
    };

    abstract ReflexModel around(ReflexModel model);
}
