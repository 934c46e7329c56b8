package dev.reflexloop.examples.robocode;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.LoopStats;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TrajectoryLogger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Plays with the rule, and with the rule disturbed by tactics drawn at random, and logs every decision with what the rule would have done,
 * so that a model can learn it - also in situations that the rule itself never gets into. Beside the logs it writes the arguments with
 * which the trainer makes the models of this example from them: the one that plays, and the one that {@link Handover} needs, which knows
 * little on purpose - it sees every example once, cannot see what tells the team's droids from other robots, and has hardly met the team.
 *
 * <p>System properties: {@code reflex.record.folder} (target/train), which is emptied of earlier logs; {@code reflex.record.rounds} the
 * share of the usual number of rounds, in percent (100); {@code reflex.record.seed} (1).
 */
public final class RecordGames {
    private static final int ALL_PERCENT = 100;
    private static final Duration LIMIT = Duration.ofMinutes(3);

    /** How often the rule is disturbed, each in a run of its own, and the rounds of each: of a duel's opponent, and elsewhere. */
    private static final double[] DISTURBANCES = {0, 0, 0.1, 0.1, 0.3};

    private static final int DUEL_ROUNDS = 12;
    private static final int OTHER_ROUNDS = 15;
    private static final int OTHER_RUNS = 4;

    /** A model of one narrow layer that sees every example once; one thread, so that the same games give the same model. */
    private static final String WEAK =
            "--layers 1 --width 64 --heads 2 --feed-forward 128 --epochs 1 --threads 1 --fresh";

    /** How many games against the team it learns from, of {@value #OTHER_RUNS} with every disturbance. */
    private static final int TEAM_RUNS = 3;

    /** Facts that are there for those who watch. */
    private static final List<String> PLACE = List.of("x", "y");

    /** What the model that knows little does not see. */
    private static final List<String> HIDDEN =
            List.of("strongest", "weakest", "enemyEnergy", "lead", "enemySpeed", "hitShare");

    private RecordGames() {}

    /**
     * Plays and logs, and ends the JVM: with 0 when everything was logged, 1 when something failed.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        int status = 1;
        try (Terminal terminal = Terminal.open()) {
            Path folder = Path.of(System.getProperty("reflex.record.folder", "target/train"));
            record(folder, terminal);
            Files.write(folder.resolve("nano.args"), trainerArguments(folder));
            Files.write(folder.resolve("weak.args"), weakArguments(folder));
            status = 0;
        } catch (IOException | RuntimeException e) {
            System.err.println(e);
            e.printStackTrace();
        } finally {
            System.exit(status);
        }
    }

    private static void record(Path folder, Terminal terminal) throws IOException {
        try (Stream<Path> earlier = Files.list(Files.createDirectories(folder.resolve("logs")))) {
            for (Path each : earlier.toList()) {
                Files.delete(each);
            }
        }
        long seed = Long.getLong("reflex.record.seed", 1) * 1_000;
        try (Engine engine = Engine.start()) {
            for (Arena arena : Arena.values()) {
                for (int run = 0; run < runs(arena); run++) {
                    for (int i = 0; i < DISTURBANCES.length; i++) {
                        Path file = log(folder, arena, run, i);
                        try (TrajectoryLogger log = TrajectoryLogger.file(file)) {
                            long decisions = play(engine, arena, DISTURBANCES[i], seed++, log);
                            terminal.line(String.format(
                                    Locale.ROOT,
                                    "%-6s disturbed %.0f %%: %d decisions logged",
                                    arena.label(),
                                    DISTURBANCES[i] * ALL_PERCENT,
                                    decisions));
                            if (!log.flush(Duration.ofSeconds(20)) || log.lost() > 0) {
                                throw new IOException("the log " + file + " lost records; check the space on the disk");
                            }
                        }
                    }
                }
            }
        }
    }

    private static int runs(Arena arena) {
        return arena == Arena.DUEL ? 1 : OTHER_RUNS;
    }

    private static Path log(Path folder, Arena arena, int run, int disturbance) {
        return folder.resolve("logs").resolve(arena.label() + "-" + run + "-" + disturbance + ".jsonl");
    }

    private static long play(Engine engine, Arena arena, double disturbance, long seed, TrajectoryLogger log) {
        int usual = arena == Arena.DUEL ? DUEL_ROUNDS : OTHER_ROUNDS;
        int rounds = Math.max(1, usual * Integer.getInteger("reflex.record.rounds", ALL_PERCENT) / ALL_PERCENT);
        long decisions = 0;
        for (List<String> opponents : arena.pairings()) {
            String session = arena.label() + "-" + seed + "-" + opponents.get(0);
            try (Reflex reflex = new Reflex(new Disturbed(disturbance, seed), log, session)) {
                SteppedCockpit cockpit = new SteppedCockpit(reflex, seed);
                engine.fight(arena, opponents, rounds, cockpit, false, LIMIT);
                LoopStats stats = reflex.stats();
                decisions += stats.decisions();
            }
        }
        return decisions;
    }

    /** The main class of the trainer and its arguments, one a line, for a Java argument file. */
    private static List<String> trainerArguments(Path folder) {
        List<String> lines = arguments(folder.resolve("nano.gguf"), "--minutes", "12");
        edges(lines, List.of());
        lines.add(quoted(folder.resolve("logs")));
        return lines;
    }

    /** The same for the model that knows little: once over some of the games, half blind. */
    private static List<String> weakArguments(Path folder) {
        List<String> lines = arguments(folder.resolve("weak.gguf"), WEAK.split(" "));
        edges(lines, HIDDEN);
        for (String fact : HIDDEN) {
            lines.addAll(List.of("--ignore", fact));
        }
        for (Arena arena : Arena.values()) {
            for (int run = 0; run < runs(arena); run++) {
                for (int i = 0; i < DISTURBANCES.length; i++) {
                    if (arena != Arena.TEAM || (i == 0 && run < TEAM_RUNS)) {
                        lines.add(quoted(log(folder, arena, run, i)));
                    }
                }
            }
        }
        return lines;
    }

    private static List<String> arguments(Path out, String... options) {
        List<String> lines = new ArrayList<>(
                List.of("dev.reflexloop.training.TrainNano", "--out", quoted(out), "--label", "teacher"));
        lines.addAll(List.of(options));
        for (String fact : PLACE) {
            lines.addAll(List.of("--ignore", fact));
        }
        return lines;
    }

    private static void edges(List<String> lines, List<String> hidden) {
        Rule.edges().forEach((fact, edges) -> {
            if (!hidden.contains(fact)) {
                lines.add("--edges");
                lines.add(fact + "="
                        + Arrays.stream(edges).mapToObj(RecordGames::plain).collect(Collectors.joining(",")));
            }
        });
    }

    private static String plain(double edge) {
        return edge == Math.rint(edge) ? Long.toString(Math.round(edge)) : Double.toString(edge);
    }

    private static String quoted(Path path) {
        return "\"" + path.toAbsolutePath().toString().replace("\\", "\\\\") + "\"";
    }

    /** The rule as a model, which at times takes a tactic at random and keeps to it for up to four decisions. */
    private static final class Disturbed implements ReflexModel {
        private static final int LONGEST = 4;

        private final double disturbance;
        private final SplittableRandom random;
        private int left;
        private Tactic drawn = Cockpit.FALLBACK;

        Disturbed(double disturbance, long seed) {
            this.disturbance = disturbance;
            this.random = new SplittableRandom(seed);
        }

        @Override
        public synchronized CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            if (left == 0 && random.nextDouble() < disturbance) {
                left = 1 + random.nextInt(LONGEST);
                drawn = Tactic.at(random.nextInt(Tactic.count()));
            }
            Tactic tactic = Rule.choose(Situation.of(question.perception()));
            if (left > 0) {
                left--;
                tactic = drawn;
            }
            return CompletableFuture.completedFuture(Answer.certain(id(), tactic.label()));
        }

        @Override
        public String id() {
            return disturbance > 0 ? "rule-disturbed" : "rule";
        }

        @Override
        public boolean returnsAtOnce() {
            return true;
        }
    }
}
