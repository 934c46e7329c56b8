package dev.reflexloop.escalation.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Alert;
import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.Goal;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Mission;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Served;
import dev.reflexloop.Situation;
import dev.reflexloop.escalation.EscalationInbox;
import dev.reflexloop.escalation.StrategistDesk;
import dev.reflexloop.testkit.RecordingAlerts;
import dev.reflexloop.testkit.ScriptedModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A chat model writes its plan while the bot goes on: every sentence is the goal of the next tick, and the plan is one mission. */
@Timeout(60)
class StreamedPlanTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> PLAN = List.of("Pay the fine. ", "Leave the town. ", "Sell the sword. ");

    @TempDir
    Path folder;

    private final RecordingAlerts alerts = new RecordingAlerts();
    private final CountDownLatch told = new CountDownLatch(1);
    private final LoopGuard guard = LoopGuard.builder(alerts).build();
    private final Queue<Decision> whileItWrites = new ConcurrentLinkedQueue<>();
    private final Queue<Mission> missions = new ConcurrentLinkedQueue<>();
    private final AtomicLong ticks = new AtomicLong();
    private String end = "";
    private EscalationInbox inbox;
    private StrategistDesk desk;
    private ReflexLoop loop;

    /** Writes the plan and the end; the game ticks after each sentence. */
    private final StreamingChatModel chat = new StreamingChatModel() {
        @Override
        public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            for (String sentence : PLAN) {
                handler.onPartialResponse(sentence);
                whileItWrites.add(tick());
                missions.add(guard.mission());
            }
            handler.onPartialResponse(end);
            handler.onCompleteResponse(ChatResponse.builder()
                    .aiMessage(AiMessage.from(String.join("", PLAN) + end))
                    .build());
        }
    };

    @BeforeEach
    void open() {
        inbox = EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
        desk = StrategistDesk.builder(inbox, ChatStrategist.builder(chat).build())
                .planEvery(Duration.ofNanos(1))
                .build();
        ActionSchema schema = ActionSchema.builder("town")
                .action("wait", "")
                .action("talk", "")
                .action("fight", "")
                .idle("wait")
                .build();
        loop = ReflexLoop.builder(schema, ScriptedModel.answering("fight"))
                .escalateWhen(EscalationPolicy.builder()
                        .when(
                                Situation.Kind.DIALOGUE,
                                seen -> !seen.choices().isEmpty(),
                                seen -> "A guard stops you.",
                                Situation.Option.choicesOf("talk"))
                        .build())
                .escalateTo(desk)
                .guard(guard)
                .session("s")
                .goal(Goal.of("reach Balmora"))
                .build();
        inbox.guides(guidance -> {
            loop.guide(guidance);
            if (guidance.action().isPresent()) {
                told.countDown();
            }
        });
        inbox.guards(guard);
    }

    @AfterEach
    void close() {
        loop.close();
        desk.close();
        inbox.close();
    }

    private Decision tick() {
        return loop.decide(Perception.builder("hero", ticks.incrementAndGet())
                .choices(List.of("Pay the fine", "Resist arrest"))
                .build());
    }

    /** Hands a situation over, and waits until the loop has the whole answer. */
    private Decision answered(String ending) throws InterruptedException {
        end = ending;
        assertThat(tick().escalated()).isTrue();
        assertThat(told.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return tick();
    }

    private List<Alert> alertsAtTheEnd() throws InterruptedException {
        loop.close();
        assertThat(alerts.await(2, PATIENCE)).isTrue();
        return alerts.alerts();
    }

    @Test
    void plan_ofThreeSentences_isOneMissionAndOneAlert() throws Exception {
        Decision answered = answered("{\"answer\": 1}");
        assertThat(answered.action().name()).isEqualTo("talk");
        assertThat(answered.served()).isEqualTo(Served.GUIDANCE);
        assertThat(answered.goal()).isEqualTo(Goal.of("Pay the fine. Leave the town. Sell the sword."));
        assertThat(whileItWrites)
                .extracting(decision -> decision.goal().text())
                .containsExactly(
                        "Pay the fine.",
                        "Pay the fine. Leave the town.",
                        "Pay the fine. Leave the town. Sell the sword.");
        assertThat(missions).extracting(Mission::id).containsOnly("s-m1");
        assertThat(guard.mission().id()).isEqualTo("s-m2");
        assertThat(guard.mission().goal()).isEqualTo(answered.goal());
        assertThat(alertsAtTheEnd()).extracting(Alert::id).containsExactly("s-m1", "s-m2");
    }

    @Test
    void goal_behindThePlan_isTheMission() throws Exception {
        Decision answered = answered("{\"answer\": 1, \"goal\": \"sell the sword\"}");
        assertThat(answered.goal()).isEqualTo(Goal.of("sell the sword"));
        assertThat(alertsAtTheEnd())
                .extracting(Alert::id, Alert::mission)
                .containsExactly(tuple("s-m1", "reach Balmora"), tuple("s-m2", "sell the sword"));
    }

    @Test
    void exitCode_behindThePlan_endsTheMissionInWhichWasAsked() throws Exception {
        Decision answered = answered("{\"answer\": 1, \"exit_code\": 0}");
        assertThat(answered.because()).contains(Cause.GUARD);
        assertThat(guard.mission().id()).isEqualTo("s-m1");
        assertThat(guard.mission().ending()).contains(Mission.Ending.COMPLETE);
        loop.close();
        assertThat(alerts.await(1, PATIENCE)).isTrue();
        assertThat(alerts.alerts()).extracting(Alert::id).containsExactly("s-m1");
    }
}
