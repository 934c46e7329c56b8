package dev.reflexloop.examples.robocode;

import dev.reflexloop.Decision;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.TelemetryBus;
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
import java.util.concurrent.locks.LockSupport;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;

/**
 * Plays Robocode with the reflex in three arenas, then the same arenas with a random policy, a hand-written rule and the best single tactic,
 * and shows them side by side.
 *
 * <p>System properties: {@code reflex.play.speed} is {@code real} (the default: 30 turns a second by the wall clock) or {@code full};
 * {@code reflex.play.rounds} is the number of rounds for each opponent (1); {@code reflex.play.arenas} the arenas (duel,melee,team);
 * {@code reflex.play.limitSeconds} when the whole run is cut off (450); {@code reflex.play.log} the trajectory log, beside which the telemetry
 * is written, so that {@code reflexloop serve} shows the game from that folder while it is played;
 * {@code reflex.play.seed} the seed of the motor layer and of the random policy (1).
 */
public final class Play {
    private static final int HALTED = 3;
    private static final int DUEL_BASELINE_ROUNDS = 3;
    private static final int BASELINE_ROUNDS = 12;
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
        List<Report.Row> rows = new ArrayList<>();
        try (NanoModel model = Models.load(Models.file());
                TelemetryBus bus = TelemetryBus.builder().file(telemetryFile()).build();
                TrajectoryLogger log = TrajectoryLogger.file(logFile);
                Reflex reflex = new Reflex(
                        model, log, "play-" + STAMP.format(Instant.now()), settings -> settings.telemetry(bus));
                Engine engine = Engine.start()) {
            announce(model);
            for (Arena arena : arenas) {
                rows.add(new Report.Row(arena, "reflex", realTime, reflex(engine, arena, reflex)));
            }
            terminal.line("");
            terminal.line("Baselines at full speed: the game's clock, not the wall's.");
            for (Arena arena : arenas) {
                baselines(engine, arena, rows);
            }
            log.flush(Duration.ofSeconds(5));
            Report report = new Report(terminal);
            report.table(rows);
            report.summary(reflex.stats(), skippedTurns, failures, logFile);
            if (!complete) {
                terminal.line(terminal.styled(
                        Terminal.Style.BAD,
                        "Not everything was played: cut off after " + limit().toSeconds()
                                + " s, or the game reported an error."));
            }
        }
        return complete;
    }

    private Path telemetryFile() {
        String name = String.valueOf(logFile.getFileName());
        return logFile.resolveSibling("telemetry-" + name.replace("trajectory-", ""));
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
        terminal.line("To watch it on a page: reflexloop serve " + logFile.getParent());
        terminal.line(
                "A line: turn, tactic, its probability, the runners-up, latency, turns until it landed, how it was served, energy us : them.");
    }

    private Tally reflex(Engine engine, Arena arena, Reflex reflex) {
        ObjLongConsumer<Decision> view = (decision, turn) -> terminal.line(DecisionLine.of(decision, turn));
        Supplier<Cockpit> cockpit =
                () -> realTime ? new LiveCockpit(reflex, seed, view) : new SteppedCockpit(reflex, seed);
        Tally tally = new Tally();
        for (List<String> opponents : arena.pairings()) {
            terminal.line("");
            terminal.line(
                    terminal.styled(Terminal.Style.BOLD, arena.label() + " against " + String.join(", ", opponents)));
            List<Engine.Round> played = fight(engine, arena, opponents, rounds, realTime, cockpit.get());
            for (Engine.Round round : played) {
                terminal.line(String.format(
                        Locale.ROOT,
                        "  round over: %s, score share %.2f",
                        round.first() ? "won" : "lost",
                        round.ours() / Math.max(1, round.all())));
            }
            tally.add(played);
        }
        return tally;
    }

    private Tally baseline(Engine engine, Arena arena, Supplier<Policy> policy) {
        int each = Math.max(rounds, arena == Arena.DUEL ? DUEL_BASELINE_ROUNDS : BASELINE_ROUNDS);
        Tally tally = new Tally();
        for (List<String> opponents : arena.pairings()) {
            tally.add(fight(engine, arena, opponents, each, false, new SteppedCockpit(policy.get(), seed)));
        }
        return tally;
    }

    private void baselines(Engine engine, Arena arena, List<Report.Row> rows) {
        Tactic best = arena.bestFixed();
        rows.add(new Report.Row(arena, "random", false, baseline(engine, arena, () -> Policy.random(seed))));
        rows.add(new Report.Row(arena, "rule", false, baseline(engine, arena, Policy::rule)));
        rows.add(new Report.Row(
                arena, "always " + best.label(), false, baseline(engine, arena, () -> Policy.fixed(best))));
    }

    private List<Engine.Round> fight(
            Engine engine, Arena arena, List<String> opponents, int count, boolean real, Cockpit cockpit) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        if (left.isNegative()) {
            complete = false;
            return List.of();
        }
        Engine.Battle battle = engine.fight(arena, opponents, count, cockpit, real, left);
        complete &= battle.complete() && battle.errors().isEmpty();
        skippedTurns += cockpit.skippedTurns();
        failures += cockpit.failures() + battle.errors().size();
        return battle.rounds();
    }
}
