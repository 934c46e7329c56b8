package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} at random moments: whatever was acknowledged is in the log, the log is readable, and the next process continues it. Each
 * killed process is a real one; it prints how much was acknowledged, and the print is what the test believes.
 */
class TrajectoryKillIT {
    private static final int KILLS = 50;
    private static final int KILLS_OF_A_LOG = 5;
    private static final long SEED = 20_261_121;
    private static final long MAX_ALIVE_MICROS = 40_000;

    @TempDir
    Path folder;

    @Test
    void kill_atFiftyRandomMoments_losesNoAcknowledgedStepAndNoLog() throws Exception {
        Random random = new Random(SEED);
        long sum = 0;
        int torn = 0;
        for (int log = 0; log < KILLS / KILLS_OF_A_LOG; log++) {
            Path file = folder.resolve("killed" + log + ".jsonl");
            Map<Integer, Long> acknowledged = new HashMap<>();
            for (int run = 0; run < KILLS_OF_A_LOG; run++) {
                acknowledged.put(run, killed(file, run, random));
                torn += check(file, acknowledged);
            }
            try (TrajectoryLogger logger = TrajectoryLogger.file(file)) {
                logger.header("last", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
                logger.step(TrajectorySamples.step("last", 0));
            }
            assertThat(check(file, acknowledged))
                    .as("torn after it was continued")
                    .isZero();
            sum += acknowledged.values().stream().mapToLong(Long::longValue).sum();
        }
        assertThat(sum)
                .as("steps acknowledged before %s kills, %s of them in the middle of a line", KILLS, torn)
                .isGreaterThan(KILLS);
    }

    /** Runs a child until it has acknowledged something and some random time more, kills it, and returns what it had acknowledged. */
    private static long killed(Path file, int run, Random random) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-Xshare:auto",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        file.toString(),
                        Integer.toString(run)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            String first = out.readLine();
            assertThat(first).as("the child of run " + run + " began to log").isNotNull();
            LockSupport.parkNanos(1_000 * (long) random.nextInt((int) MAX_ALIVE_MICROS)); // the random moment itself
            child.toHandle()
                    .destroyForcibly(); // SIGKILL; Process.destroyForcibly would close the pipe that is still to be
            // read
            assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
            long last = Long.parseLong(first);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.endsWith(";")) { // a print may be torn, too
                    last = Long.parseLong(line.substring(0, line.length() - 1));
                }
            }
            return last;
        } finally {
            child.destroyForcibly();
        }
    }

    /** Checks the log against what was acknowledged; returns 1 if its end is torn. */
    private static int check(Path file, Map<Integer, Long> acknowledged) {
        Map<String, Set<Long>> found = new HashMap<>();
        long tornBytes;
        try (TrajectoryReader reader = TrajectoryReader.open(file)) {
            while (reader.hasNext()) {
                if (reader.next() instanceof TrajectoryRecord.Decided step) {
                    boolean isNew = found.computeIfAbsent(step.session(), session -> new HashSet<>())
                            .add(step.perception().tick());
                    assertThat(isNew).as("step %s is there once", step.id()).isTrue();
                }
            }
            assertThat(reader.problems()).isEmpty();
            tornBytes = reader.tornBytes();
        }
        acknowledged.forEach((run, count) -> {
            Set<Long> ticks = found.getOrDefault("run" + run, Set.of());
            for (long tick = 0; tick < count; tick++) {
                assertThat(ticks.contains(tick))
                        .as("acknowledged step %s of run %s of %s", tick, run, count)
                        .isTrue();
            }
        });
        return tornBytes > 0 ? 1 : 0;
    }

    /** The process that is killed: logs steps as fast as it can, and prints how many were acknowledged. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            String session = "run" + arguments[1];
            TrajectoryLogger logger = TrajectoryFile.builder(Path.of(arguments[0]))
                    .queueCapacity(500)
                    .build();
            logger.header(session, TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            long printed = 0;
            long tick = 0;
            while (true) {
                if (logger.step(TrajectorySamples.step(session, tick))) {
                    tick++;
                } else {
                    LockSupport.parkNanos(100_000);
                }
                long steps = logger.acknowledged() - 1; // less the header
                if (steps > printed) {
                    System.out.println(printed == 0 ? "" + steps : steps + ";");
                    System.out.flush();
                    printed = steps;
                }
            }
        }
    }
}
