package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Decision;
import dev.reflexloop.Perception;
import dev.reflexloop.PerceptionSource;
import dev.reflexloop.Pilot;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexRunner;
import dev.reflexloop.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The ways in which a loop can be driven, so that the same behaviour is seen through each of them. */
enum Driving {
    /** The game's thread calls {@code decide}. */
    DECIDE {
        @Override
        void drive(ReflexLoop loop, RecordingLogger log, List<Perception> perceptions, Consumer<Integer> before) {
            for (int i = 0; i < perceptions.size(); i++) {
                before.accept(i);
                loop.decide(perceptions.get(i));
            }
        }
    },
    /** The game's thread calls {@code offer}, and the loop decides on a thread of its own. */
    OFFER {
        @Override
        void drive(ReflexLoop loop, RecordingLogger log, List<Perception> perceptions, Consumer<Integer> before)
                throws InterruptedException {
            for (int i = 0; i < perceptions.size(); i++) {
                before.accept(i);
                assertThat(loop.offer(perceptions.get(i))).isTrue();
                assertThat(log.awaitSteps(i + 1, PATIENCE))
                        .as("decided tick " + i)
                        .isTrue();
            }
        }
    },
    /** A runner drives it on its threads. */
    RUNNER {
        @Override
        void drive(ReflexLoop loop, RecordingLogger log, List<Perception> perceptions, Consumer<Integer> before)
                throws InterruptedException {
            try (ReflexRunner runner = ReflexRunner.builder()
                    .threads(2)
                    .period(Duration.ofMillis(1))
                    .build()) {
                runner.add(loop, oneByOne(log, perceptions, before, () -> {}), Pilot.disabled());
                runner.start();
                assertThat(log.awaitSteps(perceptions.size(), PATIENCE)).isTrue();
            }
        }
    },
    /** A sequential runner drives it on the calling thread. */
    SEQUENTIAL {
        @Override
        void drive(ReflexLoop loop, RecordingLogger log, List<Perception> perceptions, Consumer<Integer> before) {
            try (ReflexRunner runner = ReflexRunner.builder()
                    .sequential()
                    .period(Duration.ofMillis(1))
                    .build()) {
                runner.add(loop, oneByOne(log, perceptions, before, runner::close), Pilot.disabled());
                runner.run(PATIENCE);
                assertThat(log.steps()).hasSameSizeAs(perceptions);
            }
        }
    };

    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Shows the perceptions, each after the last was decided; {@code before} hears the index of each before it is shown. */
    abstract void drive(ReflexLoop loop, RecordingLogger log, List<Perception> perceptions, Consumer<Integer> before)
            throws InterruptedException;

    /** Decides about each perception in turn, and closes the loop. */
    List<Decision> decide(ReflexLoop.Builder builder, Perception... perceptions) throws InterruptedException {
        return decide(builder, (loop, index) -> {}, perceptions);
    }

    interface Before {
        void tick(ReflexLoop loop, int index);
    }

    List<Decision> decide(ReflexLoop.Builder builder, Before before, Perception... perceptions)
            throws InterruptedException {
        RecordingLogger log = new RecordingLogger();
        try (ReflexLoop loop =
                builder.logger(log).throttle(Duration.ZERO).session("driven").build()) {
            drive(loop, log, List.of(perceptions), index -> before.tick(loop, index));
            LoopInvariants.check(loop.stats());
        }
        return log.steps().stream().map(Step::decision).toList();
    }

    private static PerceptionSource oneByOne(
            RecordingLogger log, List<Perception> perceptions, Consumer<Integer> before, Runnable atEnd) {
        List<Perception> shown = new ArrayList<>();
        return () -> {
            int index = shown.size();
            if (log.steps().size() < index) {
                return Optional.empty();
            }
            if (index == perceptions.size()) {
                atEnd.run();
                return Optional.empty();
            }
            before.accept(index);
            shown.add(perceptions.get(index));
            return Optional.of(perceptions.get(index));
        };
    }
}
