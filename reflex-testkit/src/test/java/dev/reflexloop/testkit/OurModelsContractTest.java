package dev.reflexloop.testkit;

import dev.reflexloop.ReflexModel;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

/** The contract of models, run on the ones of the core and of this kit. */
class OurModelsContractTest {

    @Nested
    class BlockingModelTest extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            return ReflexModel.blocking(
                    "blocking", 2, (question, deadline) -> ScriptedModel.favouring(question, "wait"));
        }
    }

    @Nested
    class LimitedBlockingModelTest extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            return ReflexModel.limited(
                    ReflexModel.blocking(
                            "blocking", 3, (question, deadline) -> ScriptedModel.favouring(question, "wait")),
                    3);
        }
    }

    @Nested
    class LimitedScriptedModelTest extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            return ReflexModel.limited(ScriptedModel.answering("wait"), 1);
        }
    }

    @Nested
    class LimitedModelOnAThreadOfItsOwnTest extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            return ReflexModel.limited(FaultyModel.always(FaultyModel.Fault.NONE), 1);
        }
    }

    @Nested
    class ScriptedModelThatAnswersAtOnceTest extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            return ScriptedModel.answering("wait");
        }
    }

    @Nested
    class ScriptedModelThatTakesTimeTest extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            return ScriptedModel.answering("wait").after(Duration.ofMillis(2));
        }
    }

    @Nested
    class FaultyModelWithoutFaultsTest extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            return FaultyModel.always(FaultyModel.Fault.NONE);
        }
    }
}
