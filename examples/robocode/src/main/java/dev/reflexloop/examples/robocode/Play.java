package dev.reflexloop.examples.robocode;

import dev.reflexloop.Decision;
import dev.reflexloop.LoopStats;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.llm.nano.NanoModel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ObjLongConsumer;

/**
 * Plays Robocode with the reflex in three arenas, then the same arenas with a random policy, a hand-written rule and the best single tactic,
 * and shows them side by side.
 *
 * <p>System properties: {@code reflex.play.speed} is {@code real} (the default: 30 turns a second by the wall clock) or {@code full};
 * {@code reflex.play.rounds} is the number of rounds for each opponent (1); {@code reflex.play.arenas} the arenas (duel,melee,team);
 * {@code reflex.play.limitSeconds} when the whole run is cut off (450); {@code reflex.play.log} the trajectory log;
 * {@code reflex.play.seed} the seed of the motor layer and of the random policy (1).
 */
public final class Play {
    private static final int HALTED = 3;
    private static final Duration GRACE = Duration.ofSeconds(40);
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final boolean realTime;
    private final int rounds = Math.max(1, Integer.getInteger("reflex.play.rounds", 1));
    private final long seed = Long.getLong("reflex.play.seed", 1);
    private final long end;
    private final List<Arena> arenas = new ArrayList<>();
    private final Path logFile;
    private final Terminal terminal;
    private int skippedTurns;
    private int failures;
    private boolean complete = true;

    /** One line of the final table. */
    private record Row(Arena arena, String policy, boolean realTime, Tally tally) {}

    private Play(Terminal terminal) {
        this.terminal = terminal;
        String speed = System.getProperty("reflex.play.speed", "real");
        if (!speed.equals("real") && !speed.equals("full")) {
            throw new IllegalArgumentException("reflex.play.speed is '" + speed + "'; use real or full");
        }
        realTime = speed.equals("real");
        end = System.nanoTime() + limit().toNanos();
        for (String name :
                System.getProperty("reflex.play.arenas", "duel,melee,team").split(",", -1)) {
            arenas.add(Arena.valueOf(name.strip().toUpperCase(Locale.ROOT)));
        }
        logFile = Path.of(System.getProperty(
                        "reflex.play.log", "target/play/trajectory-" + STAMP.format(Instant.now()) + ".jsonl"))
                .toAbsolutePath();
    }

    /**
     * Plays, and ends the JVM: with 0 when everything was played, 1 when something was cut off or failed, 3 when the watchdog had to halt.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        int status = 1;
        ReflexThreads.create("robocode-watchdog", Play::halt).start();
        try (Terminal terminal = Terminal.open()) {
            status = new Play(terminal).run() ? 0 : 1;
        } catch (RuntimeException e) {
            System.err.println(e);
            e.printStackTrace();
        } finally {
            System.exit(status);
        }
    }

    private static Duration limit() {
        return Duration.ofSeconds(Math.max(10, Long.getLong("reflex.play.limitSeconds", 450)));
    }

    private static void halt() {
        long halt = System.nanoTime() + limit().plus(GRACE).toNanos();
        for (long left = halt - System.nanoTime(); left > 0; left = halt - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        Runtime.getRuntime().halt(HALTED);
    }

    private boolean run() {
        List<Row> rows = new ArrayList<>();
        try (NanoModel model = Models.load(Models.file());
                TrajectoryLogger log = TrajectoryLogger.file(logFile);
                Reflex reflex = new Reflex(model, log, "play-" + STAMP.format(Instant.now()));
                Engine engine = Engine.start()) {
            announce(model);
            for (Arena arena : arenas) {
                Tally tally = fight(engine, arena, rounds, realTime, pairing -> cockpit(reflex, pairing));
                rows.add(new Row(arena, "reflex", realTime, tally));
            }
            terminal.line("");
            terminal.line("Baselines at full speed: the game's clock, not the wall's.");
            for (Arena arena : arenas) {
                baselines(engine, arena, rows);
            }
            log.flush(Duration.ofSeconds(5));
            table(rows);
            summary(reflex.stats());
        }
        return complete;
    }

    private void announce(NanoModel model) {
        terminal.line(terminal.styled(Terminal.Style.BOLD, "Reflex plays Robocode"));
        terminal.line(String.format(
                Locale.ROOT,
                "Every tactic is chosen by a language model of %.2f million parameters inside this JVM, twice a second and when hit.",
                model.parameters() / 1e6));
        terminal.line(
                realTime
                        ? "Clock: the wall's, 30 turns a second; the game never waits for the model."
                        : "Clock: the game's, full speed; a tactic lands the turns later that its latency costs at 30 turns a second.");
        terminal.line(
                "A line: turn, tactic, its probability, the runners-up, latency, turns until it landed, how it was served, energy us : them.");
    }

    private Cockpit cockpit(Reflex reflex, String pairing) {
        terminal.line("");
        terminal.line(terminal.styled(Terminal.Style.BOLD, pairing));
        ObjLongConsumer<Decision> view = (decision, turn) -> terminal.line(DecisionLine.of(decision, turn));
        return realTime ? new LiveCockpit(reflex, seed, view) : new SteppedCockpit(reflex, seed);
    }

    private interface Cockpits {
        Cockpit forPairing(String pairing);
    }

    private Tally fight(Engine engine, Arena arena, int roundsEach, boolean real, Cockpits cockpits) {
        Tally tally = new Tally();
        for (List<String> opponents : arena.pairings()) {
            Duration left = Duration.ofNanos(end - System.nanoTime());
            if (left.isNegative()) {
                complete = false;
                break;
            }
            Cockpit cockpit = cockpits.forPairing(arena.label() + " against " + String.join(", ", opponents));
            Engine.Battle battle = engine.fight(arena, opponents, roundsEach, cockpit, real, left);
            tally.add(battle.rounds());
            complete &= battle.complete() && battle.errors() == 0;
            skippedTurns += cockpit.skippedTurns();
            failures += cockpit.failures() + battle.errors();
            if (real) {
                for (Engine.Round round : battle.rounds()) {
                    terminal.line(String.format(
                            Locale.ROOT,
                            "  round over: %s, score share %.2f",
                            round.first() ? "won" : "lost",
                            round.ours() / Math.max(1, round.all())));
                }
            }
        }
        return tally;
    }

    private void baselines(Engine engine, Arena arena, List<Row> rows) {
        int each = Math.max(rounds, arena == Arena.DUEL ? 3 : 12);
        Tactic best = arena.bestFixed();
        rows.add(new Row(
                arena,
                "random",
                false,
                fight(engine, arena, each, false, pairing -> new SteppedCockpit(Policy.random(seed), seed))));
        rows.add(new Row(
                arena,
                "rule",
                false,
                fight(engine, arena, each, false, pairing -> new SteppedCockpit(Policy.rule(), seed))));
        rows.add(new Row(
                arena,
                "always " + best.label(),
                false,
                fight(engine, arena, each, false, pairing -> new SteppedCockpit(Policy.fixed(best), seed))));
    }

    private void table(List<Row> rows) {
        terminal.line("");
        terminal.line(terminal.styled(
                Terminal.Style.BOLD,
                String.format(
                        Locale.ROOT,
                        "%-6s %-19s %-10s %6s %12s %9s",
                        "arena",
                        "policy",
                        "clock",
                        "rounds",
                        "score share",
                        "win rate")));
        for (Arena arena : arenas) {
            for (Row row : rows) {
                if (row.arena() == arena) {
                    String text = String.format(
                            Locale.ROOT,
                            "%-6s %-19s %-10s %6d %12.3f %9.2f",
                            arena.label(),
                            row.policy(),
                            row.realTime() ? "wall" : "full speed",
                            row.tally().rounds(),
                            row.tally().share().value(),
                            row.tally().winRate().value());
                    terminal.line(row.policy().equals("reflex") ? terminal.styled(Terminal.Style.GOOD, text) : text);
                }
            }
        }
        terminal.line(
                "Few rounds, so these are noisy; benchmarks/results/robocode.json holds many rounds with intervals.");
        terminal.line(
                "\"always ...\" is the best single tactic in hindsight. The rule is what the model learned from; the reflex never asks it.");
    }

    private void summary(LoopStats stats) {
        StringBuilder served = new StringBuilder();
        for (Served how : Served.values()) {
            served.append(served.isEmpty() ? "" : " + ")
                    .append(how.name().toLowerCase(Locale.ROOT))
                    .append(' ')
                    .append(stats.served(how));
        }
        double onTime = stats.decisions() == 0 ? 0 : 100.0 * (stats.decisions() - stats.late()) / stats.decisions();
        LoopStats.Closure closure = stats.closure();
        terminal.line("");
        terminal.line("decisions      " + stats.decisions() + " = " + served);
        terminal.line(
                String.format(Locale.ROOT, "on time        %.2f %% within 200 ms (late: %d)", onTime, stats.late()));
        terminal.line(String.format(
                Locale.ROOT,
                "latency        p50 %.1f ms, p99 %.1f ms, max %.1f ms",
                millis(stats.latency().p50()),
                millis(stats.latency().p99()),
                millis(stats.latency().max())));
        terminal.line(
                "outcomes       " + closure.byGame() + " of " + closure.opened() + " decisions closed by the game, "
                        + closure.byTimeout() + " by time-out, " + closure.open() + " open");
        terminal.line("skipped turns  " + skippedTurns + ", errors of the robot or the game: " + failures);
        terminal.line("log            " + logFile);
        if (!complete) {
            terminal.line(terminal.styled(
                    Terminal.Style.BAD,
                    "Not everything was played: cut off after " + limit().toSeconds()
                            + " s, or the game reported an error."));
        }
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / (double) TimeUnit.MILLISECONDS.toNanos(1);
    }
}
