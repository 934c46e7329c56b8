package dev.reflexloop.examples.robocode;

import dev.reflexloop.LoopStats;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.llm.nano.NanoModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Plays every policy in every arena at full speed for many rounds and writes the figures to {@code benchmarks/results/robocode.json}.
 *
 * <p>It works in cells (a policy against some opponents for some rounds), keeps the finished ones, and goes on where it was cut off. System
 * properties: {@code reflex.evaluate.minutes} is how long this run may take (60); {@code reflex.evaluate.work} the folder of the finished
 * cells (target/evaluate), which are only used again for the same model, rule and motor layer; {@code reflex.evaluate.results} the folder
 * of the results (../../benchmarks/results); {@code reflex.evaluate.rounds} the share of the usual number of rounds, in percent (100).
 */
public final class Evaluate {
    private static final String COMMAND = "mvn -Pplay,evaluate";
    private static final int ALL_PERCENT = 100;
    private static final int CHUNK = 100;
    private static final int SCOUTING_SHARE = 8;
    private static final long FIRST_SEED = 7_001;
    private static final long SCOUTING_SEED = 5_001;

    private final long end = System.nanoTime()
            + Duration.ofMinutes(Long.getLong("reflex.evaluate.minutes", 60)).toNanos();
    private final int percent = Integer.getInteger("reflex.evaluate.rounds", ALL_PERCENT);
    private final Path results = Path.of(System.getProperty("reflex.evaluate.results", "../../benchmarks/results"));
    private final Cells cells;
    private final Engine engine;
    private final ReflexModel model;

    private Evaluate(Cells cells, Engine engine, ReflexModel model) {
        this.cells = cells;
        this.engine = engine;
        this.model = model;
    }

    /** Thrown when the time of this run is over. */
    static final class TimeOver extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /**
     * Plays until everything is measured or the time is over, and ends the JVM: with 0 when the results were written, 1 when something
     * failed, 2 when the time is over and the same command has to be started again.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        int status = 1;
        Path file = Models.file();
        try (Terminal terminal = Terminal.open();
                NanoModel model = Models.load(file);
                Engine engine = Engine.start()) {
            Path work = Path.of(System.getProperty("reflex.evaluate.work", "target/evaluate"));
            Evaluate evaluate = new Evaluate(Cells.open(work, file, terminal), engine, model);
            try {
                terminal.line("results in " + evaluate.run());
                status = 0;
            } catch (TimeOver e) {
                terminal.line("time is over; start the same command again, it goes on here");
                status = 2;
            }
        } catch (IOException | RuntimeException e) {
            System.err.println(e);
            e.printStackTrace();
        } finally {
            System.exit(status);
        }
    }

    private Path run() throws IOException {
        Map<String, Double> figures = new LinkedHashMap<>();
        Counts counts = new Counts();
        for (Arena arena : Arena.values()) {
            Tactic best = scout(arena, figures);
            figure(figures, arena, "random", play(arena, "random", Policy::random, rounds(arena), FIRST_SEED));
            figure(figures, arena, "rule", play(arena, "rule", seed -> Policy.rule(), rounds(arena), FIRST_SEED));
            figure(
                    figures,
                    arena,
                    "bestFixed",
                    play(arena, "fixed-" + best.label(), seed -> Policy.fixed(best), rounds(arena), FIRST_SEED));
            List<Cells.Cell> reflex = play(arena, "reflex", null, rounds(arena), FIRST_SEED);
            figure(figures, arena, "reflex", reflex);
            reflex.forEach(counts::add);
        }
        counts.figures(figures);
        return Figures.write(results, "robocode", COMMAND, figures);
    }

    private int rounds(Arena arena) {
        int usual = arena == Arena.DUEL ? 40 : 600;
        return Math.max(2, usual * percent / ALL_PERCENT);
    }

    /** Plays every tactic for some rounds, and names the best. */
    private Tactic scout(Arena arena, Map<String, Double> figures) {
        Map<Tactic, Double> shares = new EnumMap<>(Tactic.class);
        int rounds = Math.max(2, rounds(arena) / SCOUTING_SHARE);
        for (Tactic tactic : Tactic.values()) {
            List<Cells.Cell> played =
                    play(arena, "scout-" + tactic.label(), seed -> Policy.fixed(tactic), rounds, SCOUTING_SEED);
            double share = tally(arena, played).share().value();
            shares.put(tactic, share);
            figures.put(arena.label() + ".always." + tactic.label() + ".share", share);
        }
        return Arrays.stream(Tactic.values())
                .max((a, b) -> Double.compare(shares.getOrDefault(a, 0.0), shares.getOrDefault(b, 0.0)))
                .orElseThrow();
    }

    private interface Seeded {
        Policy policy(long seed);
    }

    /** All cells of a policy in an arena; without a policy it is the reflex. */
    private List<Cells.Cell> play(Arena arena, String name, @Nullable Seeded policy, int rounds, long firstSeed) {
        List<Cells.Cell> played = new ArrayList<>();
        long seed = firstSeed;
        for (int pairing = 0; pairing < arena.pairings().size(); pairing++) {
            for (int done = 0; done < rounds; done += CHUNK, seed++) {
                int now = Math.min(CHUNK, rounds - done);
                String key = arena.label() + "-" + name + "-" + pairing + "-" + done + "-" + now;
                long cellSeed = seed;
                int opponents = pairing;
                played.add(cells.get(key, () -> cell(arena, opponents, policy, now, cellSeed, key)));
            }
        }
        return played;
    }

    private Cells.Cell cell(Arena arena, int pairing, @Nullable Seeded policy, int rounds, long seed, String key) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        if (left.isNegative() || left.isZero()) {
            throw new TimeOver();
        }
        if (policy != null) {
            SteppedCockpit cockpit = new SteppedCockpit(policy.policy(seed), seed);
            return Cells.Cell.of(pairing, fight(arena, pairing, rounds, cockpit, left), cockpit);
        }
        try (Reflex reflex = new Reflex(model, TrajectoryLogger.disabled(), key)) {
            Agreement agreement = new Agreement(reflex);
            SteppedCockpit cockpit = new SteppedCockpit(agreement, seed);
            Engine.Battle battle = fight(arena, pairing, rounds, cockpit, left);
            LoopStats stats = reflex.stats();
            return Cells.Cell.of(pairing, battle, cockpit)
                    .with(
                            stats.decisions(),
                            stats.served(Served.MODEL),
                            stats.late(),
                            stats.closure().opened(),
                            stats.closure().byGame(),
                            agreement.agreed(),
                            agreement.asked());
        }
    }

    private Engine.Battle fight(Arena arena, int pairing, int rounds, Cockpit cockpit, Duration left) {
        Engine.Battle battle = engine.fight(arena, arena.pairings().get(pairing), rounds, cockpit, false, left);
        if (!battle.complete()) {
            throw new TimeOver();
        }
        return battle;
    }

    private static Tally tally(Arena arena, List<Cells.Cell> played) {
        Tally tally = new Tally();
        for (int pairing = 0; pairing < arena.pairings().size(); pairing++) {
            List<Engine.Round> rounds = new ArrayList<>();
            for (Cells.Cell cell : played) {
                if (cell.pairing() == pairing) {
                    rounds.addAll(cell.rounds());
                }
            }
            tally.add(rounds);
        }
        return tally;
    }

    private static void figure(Map<String, Double> figures, Arena arena, String policy, List<Cells.Cell> played) {
        String name = arena.label() + "." + policy + ".";
        Tally tally = tally(arena, played);
        Tally.Estimate share = tally.share();
        Tally.Estimate winRate = tally.winRate();
        figures.put(name + "share", share.value());
        figures.put(name + "shareLow", share.low());
        figures.put(name + "shareHigh", share.high());
        figures.put(name + "winRate", winRate.value());
        figures.put(name + "winRateLow", winRate.low());
        figures.put(name + "winRateHigh", winRate.high());
        figures.put(name + "rounds", (double) tally.rounds());
        figures.put(name + "skippedTurns", (double)
                played.stream().mapToLong(Cells.Cell::skippedTurns).sum());
    }

    /** Asks the rule beside the reflex, and counts how often they agree. */
    private static final class Agreement implements Policy {
        private final Reflex reflex;
        private long asked;
        private long agreed;

        Agreement(Reflex reflex) {
            this.reflex = reflex;
        }

        @Override
        public Choice choose(Situation situation) {
            Choice choice = reflex.choose(situation);
            asked++;
            agreed += choice.tactic() == Rule.choose(situation) ? 1 : 0;
            return choice;
        }

        @Override
        public void landed(Deed deed, long turn) {
            reflex.landed(deed, turn);
        }

        @Override
        public void roundEnded(List<Deed> deeds, double result) {
            reflex.roundEnded(deeds, result);
        }

        long asked() {
            return asked;
        }

        long agreed() {
            return agreed;
        }
    }

    /** Sums over the cells of the reflex. */
    private static final class Counts {
        private long decisions;
        private long byModel;
        private long late;
        private long opened;
        private long closedByGame;
        private long agreed;
        private long asked;

        void add(Cells.Cell cell) {
            decisions += cell.decisions();
            byModel += cell.byModel();
            late += cell.late();
            opened += cell.opened();
            closedByGame += cell.closedByGame();
            agreed += cell.agreed();
            asked += cell.asked();
        }

        void figures(Map<String, Double> figures) {
            figures.put("ruleAgreement", agreed / (double) Math.max(1, asked));
            figures.put("modelServedShare", byModel / (double) Math.max(1, decisions));
            figures.put("closedByGameShare", closedByGame / (double) Math.max(1, opened));
            figures.put("onTimeShare", (decisions - late) / (double) Math.max(1, decisions));
            figures.put("decisions", (double) decisions);
        }
    }
}
