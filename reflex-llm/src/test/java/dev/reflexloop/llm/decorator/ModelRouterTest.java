package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ModelRouterTest {
    private final ManualClock clock = new ManualClock();

    @Test
    void byScenario_asksTheModelOfTheScenario() {
        try (ModelRouter router = ModelRouter.byScenario(ScriptedModel.answering("wait"))
                .model(ModelRouter.COMBAT, ScriptedModel.answering("fight"))
                .model(ModelRouter.DIALOGUE, ScriptedModel.answering("flee"))
                .build()) {
            assertThat(said(router, Questions.urgent("a"))).isEqualTo("fight");
            assertThat(said(router, Questions.offering("a", "yes", "no"))).isEqualTo("flee");
            assertThat(router.unrouted()).isZero();
            assertThat(said(router, Questions.by("a"))).isEqualTo("wait");
            assertThat(router.unrouted()).as("exploration has no model").isEqualTo(1);
        }
    }

    @Test
    void byFact_asksTheModelNamedByTheFact() {
        try (ModelRouter router = ModelRouter.byFact("place", ScriptedModel.answering("wait"))
                .model("Seyda Neen", ScriptedModel.answering("flee"))
                .build()) {
            assertThat(said(router, Questions.by("a"))).isEqualTo("flee");
        }
    }

    @Test
    void byTier_asksTheBigModelWhereThereIsTime() {
        try (ModelRouter router = ModelRouter.byTier(
                ScriptedModel.answering("fight"), ScriptedModel.answering("flee"), Duration.ofSeconds(2))) {
            assertThat(said(router, Questions.by("a"))).isEqualTo("fight");
            assertThat(Questions.said(router.ask(Questions.by("a"), Questions.within(2_000, clock))))
                    .isEqualTo("flee");
            assertThat(router.unrouted()).isZero();
        }
    }

    @Test
    void route_thatIsUnknownOrNullOrThrows_meansTheDefaultAndIsCounted() {
        AtomicInteger call = new AtomicInteger();
        ModelRouter.Route route = (question, deadline) -> {
            return switch (call.getAndIncrement()) {
                case 0 -> "nobody";
                case 1 -> nothing();
                default -> throw new IllegalStateException("broken route");
            };
        };
        try (ModelRouter router = ModelRouter.builder(route, ScriptedModel.answering("wait"))
                .model("somebody", ScriptedModel.answering("flee"))
                .build()) {
            for (int i = 1; i <= 3; i++) {
                assertThat(said(router, Questions.by("a"))).isEqualTo("wait");
                assertThat(router.unrouted()).isEqualTo(i);
            }
        }
    }

    @SuppressWarnings("NullAway") // a route of a user's
    private static String nothing() {
        return null;
    }

    @Test
    void close_ofARouterWithSharedModels_closesEachOnceAlsoWhenOneThrows() throws Exception {
        Closing shared = new Closing(false);
        Closing throwing = new Closing(true);
        ScriptedModel last = ScriptedModel.answering("wait");
        ModelRouter router = ModelRouter.byScenario(shared)
                .model(ModelRouter.COMBAT, throwing)
                .model(ModelRouter.DIALOGUE, shared)
                .model(ModelRouter.EXPLORATION, last)
                .build();
        assertThatThrownBy(router::close).hasMessage("thrown while closing");
        assertThat(shared.closed).isEqualTo(1);
        assertThat(throwing.closed).isEqualTo(1);
        assertThat(Questions.failure(router.ask(Questions.by("a"), Questions.within(100, clock))))
                .isInstanceOf(ModelUnavailableException.class);
    }

    private static final class Closing implements ReflexModel {
        private final boolean failing;
        private int closed;

        Closing(boolean failing) {
            this.failing = failing;
        }

        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            return CompletableFuture.completedFuture(ScriptedModel.favouring(question, "flee"));
        }

        @Override
        public void close() {
            closed++;
            if (failing) {
                throw new IllegalStateException("thrown while closing");
            }
        }
    }

    @Test
    void builder_withANameTwice_isRefused() {
        assertThatThrownBy(() -> ModelRouter.byScenario(ScriptedModel.answering("wait"))
                        .model("combat", ScriptedModel.answering("wait"))
                        .model("combat", ScriptedModel.answering("wait")))
                .hasMessageContaining("'combat'");
    }

    private String said(ModelRouter router, Question question) {
        return Questions.said(router.ask(question, Questions.within(200, clock)));
    }
}
