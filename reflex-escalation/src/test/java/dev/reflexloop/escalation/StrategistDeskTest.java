package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Alert;
import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink.Receipt;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StrategistDeskTest {
    @TempDir
    Path folder;

    private final BlockingQueue<Guidance> guided = new LinkedBlockingQueue<>();
    private final BlockingQueue<Alert> alerts = new LinkedBlockingQueue<>();
    private final Queue<Escalation> asked = new ConcurrentLinkedQueue<>();
    private EscalationInbox inbox;

    @BeforeEach
    void open() {
        inbox = EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
        inbox.guides(guided::add);
    }

    @AfterEach
    void close() {
        inbox.close();
    }

    private StrategistDesk.Builder desk(Strategist strategist) {
        return StrategistDesk.builder(inbox, (escalation, plan) -> {
                    asked.add(escalation);
                    return strategist.consider(escalation, plan);
                })
                .alerts(alerts::add);
    }

    private Guidance guidance() throws InterruptedException {
        return guided.poll(30, TimeUnit.SECONDS);
    }

    @Test
    void strategist_thatAnswers_guidesTheLoop() throws Exception {
        try (StrategistDesk desk = desk((escalation, plan) -> StrategistReply.option(2))
                .name("oracle")
                .build()) {
            assertThat(desk.submit(Escalations.guard("a-e"))).isEqualTo(Receipt.ACCEPTED);
            assertThat(guidance().action()).contains("fight");
            assertThat(inbox.find("a-e").orElseThrow().response().orElseThrow().by())
                    .isEqualTo("oracle");
        }
    }

    @Test
    void replyThatCannotBeRead_isAskedForOnceMore() throws Exception {
        try (StrategistDesk desk = desk((escalation, plan) ->
                        asked.size() == 1 ? StrategistReply.unreadable() : StrategistReply.option(1))
                .build()) {
            desk.submit(Escalations.guard("a-e"));
            assertThat(guidance().action()).contains("talk");
            assertThat(asked).hasSize(2);
            assertThat(alerts).isEmpty();
        }
    }

    @Test
    void secondReplyThatCannotBeRead_raisesOneAlertAndLeavesTheEscalation() throws Exception {
        try (StrategistDesk desk =
                desk((escalation, plan) -> StrategistReply.unreadable()).build()) {
            desk.submit(Escalations.guard("a-e"));
            Alert alert = alerts.poll(30, TimeUnit.SECONDS);
            assertThat(alert.level()).isEqualTo(Alert.Level.WARNING);
            assertThat(alert.mission()).isEqualTo("reach Balmora");
            assertThat(asked).hasSize(2);
            assertThat(desk.stats().unreadable()).isEqualTo(2);
            assertThat(inbox.pending()).hasSize(1);
            assertThat(alerts).isEmpty();
        }
    }

    @Test
    void strategist_thatTakesTooLong_isInterruptedAndTheNextOneIsAnswered() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Strategist slow = (escalation, plan) -> {
            if (escalation.id().equals("b-e")) {
                return StrategistReply.option(1);
            }
            try {
                new CountDownLatch(1).await();
            } finally {
                interrupted.countDown();
            }
            throw new AssertionError("nobody counts down");
        };
        try (StrategistDesk desk = desk(slow).timeout(Duration.ofMillis(50)).build()) {
            desk.submit(Escalations.guard("a-e"));
            assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
            desk.submit(Escalations.guard("b-e"));
            assertThat(guidance().escalation()).contains("b-e");
            assertThat(desk.stats().timedOut()).isEqualTo(1);
        }
    }

    @Test
    void strategist_thatFails_isAskedAgainOnlyWhereThatIsWanted() throws Exception {
        Strategist moody = (escalation, plan) -> {
            if (asked.size() == 1) {
                throw new IllegalStateException("no connection");
            }
            return StrategistReply.option(1);
        };
        try (StrategistDesk desk = desk(moody).build()) {
            desk.submit(Escalations.guard("a-e"));
            desk.submit(Escalations.guard("b-e"));
            assertThat(guidance().escalation()).contains("b-e");
            assertThat(desk.stats().failed()).isEqualTo(1);
        }
        asked.clear();
        try (StrategistDesk desk = desk(moody).retries(1).build()) {
            desk.submit(Escalations.guard("c-e"));
            assertThat(guidance().escalation()).contains("c-e");
        }
    }

    @Test
    void replyThatIsNull_isOneThatCannotBeRead() throws Exception {
        try (StrategistDesk desk = desk((escalation, plan) -> asked.size() == 1 ? null : StrategistReply.option(1))
                .build()) {
            desk.submit(Escalations.guard("a-e"));
            assertThat(guidance().action()).contains("talk");
            assertThat(asked).hasSize(2);
            assertThat(desk.stats().unreadable()).isEqualTo(1);
        }
    }

    /** Even saying what it is fails. */
    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1;

        @Override
        public String getMessage() {
            throw new StackOverflowError("thrown on purpose");
        }
    }

    @Test
    void strategist_thatThrowsWhatCannotEvenBeLogged_isAskedAboutTheNextEscalation() throws Exception {
        try (StrategistDesk desk = desk((escalation, plan) -> {
                    if (asked.size() == 1) {
                        throw new Unspeakable();
                    }
                    return StrategistReply.option(1);
                })
                .build()) {
            desk.submit(Escalations.guard("a-e"));
            desk.submit(Escalations.guard("b-e"));
            assertThat(guidance().escalation()).contains("b-e");
            assertThat(desk.stats().failed()).isPositive();
        }
    }

    @Test
    void escalation_answeredBySomebodyElse_isNotAsked() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (StrategistDesk desk = desk((escalation, plan) -> {
                    first.countDown();
                    goOn.await();
                    return StrategistReply.option(1);
                })
                .build()) {
            desk.submit(Escalations.guard("a-e"));
            assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
            desk.submit(Escalations.guard("b-e"));
            desk.submit(Escalations.guard("c-e"));
            inbox.answer("b-e", StrategistReply.option(2), "a person");
            goOn.countDown();
            assertThat(List.of(guidance(), guidance(), guidance()))
                    .extracting(each -> each.escalation().orElseThrow())
                    .containsExactly("b-e", "a-e", "c-e");
            assertThat(asked).extracting(Escalation::id).containsExactly("a-e", "c-e");
        }
    }

    @Test
    void desk_thatIsFull_rejects() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        try (StrategistDesk desk = desk((escalation, plan) -> {
                    first.countDown();
                    new CountDownLatch(1).await();
                    return StrategistReply.unreadable();
                })
                .capacity(1)
                .build()) {
            desk.submit(Escalations.guard("a-e"));
            assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(desk.submit(Escalations.guard("b-e"))).isEqualTo(Receipt.ACCEPTED);
            assertThat(desk.submit(Escalations.guard("c-e"))).isEqualTo(Receipt.REJECTED);
            assertThat(desk.stats().rejected()).isEqualTo(1);
        }
        assertThat(inbox.pending()).extracting(InboxEntry::id).containsExactly("a-e", "b-e");
    }

    @Test
    void plan_whileItIsWritten_isTheGoal() throws Exception {
        try (StrategistDesk desk = desk((escalation, plan) -> {
                    plan.accept("Leave the town. ");
                    plan.accept("Leave the town. Sell the sword. ");
                    return StrategistReply.option(1);
                })
                .build()) {
            desk.submit(Escalations.guard("a-e"));
            Guidance early = guidance();
            assertThat(early.goal()).contains(Goal.draft("Leave the town."));
            assertThat(early.action()).isEmpty();
            Guidance answer = guidance();
            assertThat(answer.goal()).contains(Goal.of("Leave the town. Sell the sword."));
            assertThat(answer.action()).contains("talk");
        }
    }

    @Test
    void plan_thatWasShownToItsEnd_isTheGoalOfTheReply() throws Exception {
        try (StrategistDesk desk = desk((escalation, plan) -> {
                    plan.accept("Leave the town. {");
                    return StrategistReply.option(1);
                })
                .build()) {
            desk.submit(Escalations.guard("a-e"));
            assertThat(guidance().goal()).contains(Goal.draft("Leave the town."));
            assertThat(guidance().goal()).contains(Goal.of("Leave the town."));
        }
    }

    @Test
    void plan_besideASignalThatEndsTheMission_beginsNoOther() throws Exception {
        try (StrategistDesk desk = desk((escalation, plan) -> {
                    plan.accept("The sword is sold. {");
                    return StrategistReply.parse("{\"answer\": 1, \"exit_code\": 0}");
                })
                .build()) {
            desk.submit(Escalations.guard("a-e"));
            assertThat(guidance().goal()).contains(Goal.draft("The sword is sold."));
            assertThat(guidance().goal()).isEmpty();
        }
    }

    @Test
    void plan_ofWhoeverAnswersSecond_isNobodysGoal() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        try (StrategistDesk desk = desk((escalation, plan) -> {
                    plan.accept("Leave the town. ");
                    inbox.answer("a-e", StrategistReply.goal("Stay here"), "a person");
                    plan.accept("Leave the town. Sell the sword. {");
                    told.countDown();
                    return StrategistReply.option(1);
                })
                .planEvery(Duration.ofNanos(1))
                .build()) {
            desk.submit(Escalations.guard("a-e"));
            assertThat(guidance().goal()).contains(Goal.draft("Leave the town."));
            assertThat(guidance().goal()).contains(Goal.of("Stay here"));
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(guided).isEmpty();
        }
    }

    @Test
    void plan_afterTheTimeOut_isNobodysGoal() throws Exception {
        BlockingQueue<Consumer<String>> plans = new LinkedBlockingQueue<>();
        CountDownLatch over = new CountDownLatch(1);
        try (StrategistDesk desk = desk((escalation, plan) -> {
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        plans.add(plan);
                        over.countDown();
                    }
                    return StrategistReply.unreadable();
                })
                .timeout(Duration.ofMillis(50))
                .build()) {
            desk.submit(Escalations.guard("a-e"));
            assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
            plans.take().accept("Too late. ");
            assertThat(guided).isEmpty();
        }
    }

    @Test
    void desk_closedWhileItAsks_interruptsTheStrategist() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        StrategistDesk desk = desk((escalation, plan) -> {
                    first.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        interrupted.countDown();
                    }
                    return StrategistReply.unreadable();
                })
                .build();
        desk.submit(Escalations.guard("a-e"));
        assertThat(first.await(30, TimeUnit.SECONDS)).isTrue();
        desk.close();
        desk.close();
        assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(desk.submit(Escalations.guard("b-e"))).isEqualTo(Receipt.REJECTED);
    }
}
