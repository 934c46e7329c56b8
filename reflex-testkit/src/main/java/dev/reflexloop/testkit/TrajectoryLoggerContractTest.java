package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.Goal;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.Served;
import dev.reflexloop.Step;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.TrajectoryRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * What every {@link TrajectoryLogger} has to keep. Extend it in your tests:
 *
 * <pre>{@code
 * class MyLoggerContractTest extends TrajectoryLoggerContractTest {
 *     protected TrajectoryLogger createLogger() {
 *         return new MyLogger(database);
 *     }
 *
 *     protected Optional<List<TrajectoryRecord>> readBack() {
 *         return Optional.of(database.records());
 *     }
 * }
 * }</pre>
 *
 * <p>Each test makes a logger of its own and closes it.
 */
public abstract class TrajectoryLoggerContractTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    private final ActionSchema schema = Samples.schema();
    private final AtomicLong sequence = new AtomicLong();

    /** For subclasses. */
    protected TrajectoryLoggerContractTest() {}

    /**
     * Makes a logger that is ready to record at least 1,000 records at once.
     *
     * @return a new logger; the test closes it
     */
    protected abstract TrajectoryLogger createLogger();

    /**
     * Reads what the last logger has recorded, after it was flushed or closed. Default: empty, for loggers that cannot be read.
     *
     * @return the records in order
     */
    protected Optional<List<TrajectoryRecord>> readBack() {
        return Optional.empty();
    }

    /** The usual life of a log. */
    @Test
    public void records_ofARun_areTakenAndAcknowledged() {
        try (TrajectoryLogger logger = createLogger()) {
            Decision decision = decision(Samples.ordinary(1), Answer.certain("kit", "fight"));
            assertThat(logger.header("kit-run", schema, AT)).isTrue();
            assertThat(logger.step(new Step("kit-run", decision, Optional.of("flee"))))
                    .isTrue();
            assertThat(logger.applied(decision.id(), 2, AT)).isTrue();
            assertThat(logger.outcome(Outcome.of(decision, 0.5, "entered_area")))
                    .isTrue();
            assertThat(logger.flush(PATIENCE)).as("everything was acknowledged").isTrue();
            assertThat(logger.lost()).isZero();
            assertThat(logger.acknowledged()).isIn(0L, 4L);
            readBack().ifPresent(records -> {
                assertThat(records).hasSize(4);
                TrajectoryRecord.Header header = (TrajectoryRecord.Header) records.get(0);
                assertThat(header.session()).isEqualTo("kit-run");
                assertThat(header.actions()).hasSameSizeAs(schema.actions());
                TrajectoryRecord.Decided step = (TrajectoryRecord.Decided) records.get(1);
                assertThat(step.id()).isEqualTo(decision.id());
                assertThat(step.action()).isEqualTo("fight");
                assertThat(step.teacher()).contains("flee");
                assertThat(step.perception().facts())
                        .isEqualTo(decision.perception().facts());
                assertThat(((TrajectoryRecord.Applied) records.get(2)).tick()).isEqualTo(2);
                assertThat(((TrajectoryRecord.Closed) records.get(3)).outcome().reasons())
                        .containsExactly("entered_area");
            });
        }
    }

    /** A hostile answer or text is recorded, not thrown, and hurts no other record. */
    @Test
    public void step_withHostileTextAndNumbers_isRecordedLikeAnyOther() {
        try (TrajectoryLogger logger = createLogger()) {
            Map<String, Double> hostile = new HashMap<>();
            hostile.put("wait", Double.NaN);
            hostile.put("\"\n{", Double.NEGATIVE_INFINITY);
            hostile.put("flee", null);
            logger.header("kit-run", schema, AT);
            assertThat(logger.step(step(decision(Samples.hostile(1), Answer.of("kit", hostile)))))
                    .isTrue();
            assertThat(logger.step(step(decision(Samples.empty(2), Answer.certain("kit", "wait")))))
                    .isTrue();
            assertThat(logger.flush(PATIENCE)).isTrue();
            assertThat(logger.lost()).isZero();
            readBack().ifPresent(records -> {
                assertThat(records).hasSize(3);
                assertThat(((TrajectoryRecord.Decided) records.get(1))
                                .perception()
                                .facts())
                        .containsKey("sign");
                assertThat(((TrajectoryRecord.Decided) records.get(2))
                                .perception()
                                .facts())
                        .isEmpty();
            });
        }
    }

    /** Loops share a logger; every record is acknowledged or counted as lost. */
    @Test
    public void records_fromFourThreads_areAcknowledgedOrCountedAsLost() throws Exception {
        try (TrajectoryLogger logger = createLogger()) {
            logger.header("kit-run", schema, AT);
            List<Integer> taken = Together.call(4, () -> {
                int count = 0;
                for (int i = 0; i < 200; i++) {
                    if (logger.step(step(decision(Samples.ordinary(i), Answer.certain("kit", "flee"))))) {
                        count++;
                    }
                }
                return count;
            });
            logger.flush(PATIENCE);
            long sum = taken.stream().mapToLong(Integer::longValue).sum();
            assertThat(logger.lost()).as("lost").isEqualTo(800 - sum);
            readBack().ifPresent(records -> {
                assertThat(logger.acknowledged()).isEqualTo(sum + 1);
                assertThat(records).hasSize((int) sum + 1);
            });
        }
    }

    /** What was taken is written by closing, without a flush. */
    @Test
    public void close_afterRecords_writesThem() {
        TrajectoryLogger logger = createLogger();
        logger.header("kit-run", schema, AT);
        for (int i = 0; i < 100; i++) {
            logger.step(step(decision(Samples.ordinary(i), Answer.certain("kit", "flee"))));
        }
        logger.close();
        assertThat(logger.lost()).isZero();
        readBack().ifPresent(records -> assertThat(records).hasSize(101));
    }

    /** Closing is idempotent; what comes afterwards is lost without an exception. */
    @Test
    public void record_afterClose_throwsNothingAndIsNotAcknowledged() {
        TrajectoryLogger logger = createLogger();
        logger.header("kit-run", schema, AT);
        logger.close();
        long acknowledged = logger.acknowledged();
        logger.close();
        Decision decision = decision(Samples.ordinary(1), Answer.certain("kit", "flee"));
        boolean taken = logger.step(step(decision));
        logger.applied(decision.id(), 1, AT);
        logger.outcome(Outcome.of(decision, 0));
        assertThat(logger.acknowledged()).isEqualTo(acknowledged);
        assertThat(taken).as("taken, with " + logger.lost() + " lost").isEqualTo(logger.lost() == 0);
        logger.flush(Duration.ofMillis(1));
    }

    private static Step step(Decision decision) {
        return new Step("kit-run", decision, Optional.empty());
    }

    private Decision decision(Perception perception, Answer answer) {
        String favoured = answer.probabilities().containsKey("fight") ? "fight" : "wait";
        return new Decision(
                "kit-run-" + sequence.incrementAndGet(),
                AT,
                perception,
                Goal.of("survive"),
                schema.actions(),
                schema.actions().stream()
                        .filter(action -> action.name().equals(favoured))
                        .findFirst()
                        .orElseThrow(),
                Optional.empty(),
                Served.MODEL,
                Optional.empty(),
                Optional.of(answer),
                Duration.ofNanos(1_234_567),
                false,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty());
    }
}
