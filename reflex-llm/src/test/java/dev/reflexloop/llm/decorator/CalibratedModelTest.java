package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.calibration.Calibration;
import dev.reflexloop.llm.calibration.OptionCount;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CalibratedModelTest {
    private static final Calibration CALM = new Calibration(Map.of(OptionCount.THREE_TO_FIVE, 2.0), Map.of());

    @Test
    void ask_soundAnswer_isCalibratedAndBearsTheDecoratorsId() {
        Answer answer = ask(question -> ScriptedModel.favouring(question, "flee"));
        double sum = Math.sqrt(0.9) + 2 * Math.sqrt(0.05);
        assertThat(answer.probabilities().get("flee")).isCloseTo(Math.sqrt(0.9) / sum, within(1e-9));
        assertThat(answer.model()).isEqualTo("calibrated(scripted)");
    }

    @Test
    void ask_answerThatAlsoSpeaksOfAnIllegalAction_isCalibratedOverTheLegalOnes() {
        Answer answer = ask(question -> Answer.of("m", Map.of("flee", 0.6, "fight", 0.2, "wait", 0.1, "fly", 0.1)));
        assertThat(answer.probabilities()).containsOnlyKeys("flee", "fight", "wait");
        assertThat(answer.isSoundFor(Questions.by("a"))).isTrue();
    }

    @Test
    void ask_unsoundAnswer_isPassedOnAsItIs() {
        Answer unsound = Answer.of("m", Map.of("flee", Double.NaN));
        assertThat(ask(question -> unsound)).isSameAs(unsound);
    }

    @Test
    void settings_ofDecorators_tellWhatIsInsideThem() {
        ReflexModel weights = new ReflexModel() {
            @Override
            public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
                return CompletableFuture.completedFuture(Answer.of("weights", Map.of("flee", 1.0)));
            }

            @Override
            public String id() {
                return "weights";
            }

            @Override
            public String settings() {
                return "sha256:aa";
            }
        };
        String calm = "Calibration[temperatures={THREE_TO_FIVE=2.0}, priors={}]";
        ReflexModel other = ScriptedModel.answering("flee");
        try (ReflexModel calibrated = new CalibratedModel(weights, CALM);
                ReflexModel adaptive = AdaptiveLimitModel.of(weights);
                ReflexModel swapped = OrderSwapModel.of(weights);
                ReflexModel cascade = CascadeModel.of(new CalibratedModel(weights, CALM), other);
                ReflexModel pool = ModelPool.of(weights, other);
                ReflexModel cached = DecisionCacheModel.of(weights);
                ReflexModel plain = OrderSwapModel.of(other);
                ReflexModel router = ModelRouter.byScenario(weights)
                        .model("combat", other)
                        .model("dialogue", weights)
                        .build();
                ReflexModel fact = ModelRouter.byFact("place", weights).build();
                ReflexModel tier = ModelRouter.byTier(weights, other, Duration.ofSeconds(1))) {
            assertThat(calibrated.settings()).isEqualTo(calm + ", sha256:aa");
            assertThat(adaptive.settings()).isEqualTo("sha256:aa");
            assertThat(swapped.settings()).startsWith("margin=").endsWith(", sha256:aa");
            assertThat(cascade.settings())
                    .isEqualTo("margin=0.2, entropy=0.9, legalMass=0.5, calibrated(weights)[" + calm
                            + ", sha256:aa] scripted[]");
            assertThat(pool.settings()).isEqualTo("weights[sha256:aa] scripted[]");
            assertThat(router.settings())
                    .isEqualTo(
                            "by scenario: combat=scripted, dialogue=weights, else weights; weights[sha256:aa] scripted[]");
            assertThat(fact.settings()).isEqualTo("by fact place: else weights; weights[sha256:aa]");
            assertThat(tier.settings()).startsWith("by tier from PT1S: fast=weights, big=scripted, else weights; ");
            assertThat(cached.settings()).isEqualTo("cached for PT1M by facts, sha256:aa");
            assertThat(plain.settings()).isEqualTo("margin=0.2");
        }
    }

    private static Answer ask(Function<Question, Answer> says) {
        try (CalibratedModel model = new CalibratedModel(ScriptedModel.answering(says), CALM)) {
            return model.ask(Questions.by("a"), Questions.within(1_000, ReflexClock.system()))
                    .join();
        }
    }
}
