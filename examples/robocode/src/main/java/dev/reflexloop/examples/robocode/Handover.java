package dev.reflexloop.examples.robocode;

import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.LoopStats;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.llm.calibration.DoubtFit;
import dev.reflexloop.llm.calibration.DoubtReport;
import dev.reflexloop.llm.nano.NanoModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures what handing over is worth: a model that knows little plays against the team, and a share of its decisions, those it doubts
 * most or as many drawn at random, is made by a strategist instead. Writes {@code benchmarks/results/handover.json}.
 *
 * <p>Thresholds are fitted on rounds of their own, before: first in the model's own play, then once more in play that is handed over by the
 * first threshold, because who plays better meets other situations. It works in cells as {@link Evaluate} does. System properties: {@code
 * reflex.evaluate.minutes}, {@code reflex.evaluate.work}, {@code reflex.evaluate.results} and {@code reflex.evaluate.rounds} as there;
 * {@code reflex.handover.model} names another model.
 */
public final class Handover {
    static final String COMMAND = "mvn -Pplay,handover";

    private static final int ALL_PERCENT = 100;
    private static final int REQUIRED = 34;
    private static final List<Integer> SHARES = List.of(10, 20, REQUIRED, 50, 70);
    private static final int CHUNK = 40;
    private static final int FITTING_ROUNDS = 120;
    private static final int REFITTING_ROUNDS = 60;
    private static final int FEWEST_TO_FIT_ON = 5;
    private static final int CURVE_ROUNDS = 80;
    private static final int REQUIRED_ROUNDS = 360;
    private static final int DELAYED_ROUNDS = 120;
    private static final long FITTING_SEED = 21_001;
    private static final long FIRST_SEED = 31_001;

    private final Cells cells;
    private final Engine engine;
    private final ReflexModel model;
    private final Terminal terminal;
    private final Extent extent;
    private final long end;

    /**
     * Prepares a measurement.
     *
     * @param cells what was played before
     * @param engine the game
     * @param model who plays
     * @param terminal shows the curve
     * @param extent how much is played
     */
    Handover(Cells cells, Engine engine, ReflexModel model, Terminal terminal, Extent extent) {
        this.cells = cells;
        this.engine = engine;
        this.model = model;
        this.terminal = terminal;
        this.extent = extent;
        this.end = System.nanoTime() + extent.limit().toNanos();
    }

    /** Opens the cells for a model and this code. */
    static Cells cells(Path work, Path model, Terminal terminal) throws IOException {
        return Cells.open(work, model, terminal, Advised.class, Handover.class, Strategist.class);
    }

    /**
     * How much is played.
     *
     * @param shares what is handed over, in percent; 34 among them
     * @param percent the share of the usual number of rounds; of everything at least one is scored
     * @param limit how long the run may take
     */
    record Extent(List<Integer> shares, int percent, Duration limit) {}

    /** What is handed over in some rounds, given their seed. */
    private interface Seeded {
        EscalationPolicy policy(long seed);
    }

    /** One point of the curve: what is handed over, where it lands, and what was played of it. */
    private record Point(String name, Seeded when, Advised.Landing landing, int usualRounds, List<Cells.Cell> played) {
        Point(String name, Seeded when, Advised.Landing landing, int usualRounds) {
            this(name, when, landing, usualRounds, new ArrayList<>());
        }

        List<Engine.Round> rounds() {
            return played.stream().flatMap(cell -> cell.rounds().stream()).toList();
        }

        /** The share of the decisions that were the strategist's. */
        double handed() {
            long decisions = played.stream().mapToLong(Cells.Cell::decisions).sum();
            long kept = played.stream().mapToLong(Cells.Cell::asked).sum();
            return (decisions - kept) / (double) Math.max(1, decisions);
        }

        /** Among the decisions that were kept, the share that the strategist would have made too; 1 if none was kept. */
        double agreement() {
            long kept = played.stream().mapToLong(Cells.Cell::asked).sum();
            return kept == 0 ? 1 : played.stream().mapToLong(Cells.Cell::agreed).sum() / (double) kept;
        }
    }

    /**
     * Plays until everything is measured or the time is over, and ends the JVM: with 0 when the results were written, 1 when something
     * failed, 2 when the time is over and the same command has to be started again.
     *
     * @param arguments none
     */
    public static void main(String[] arguments) {
        int status = 1;
        Path file = Models.weak();
        try (Terminal terminal = Terminal.open();
                NanoModel model = Models.load(file);
                Engine engine = Engine.start()) {
            Path work = Path.of(System.getProperty("reflex.evaluate.work", "target/evaluate"));
            Handover handover = new Handover(
                    cells(work, file, terminal),
                    engine,
                    model,
                    terminal,
                    new Extent(
                            SHARES,
                            Integer.getInteger("reflex.evaluate.rounds", ALL_PERCENT),
                            Duration.ofMinutes(Long.getLong("reflex.evaluate.minutes", 60))));
            try {
                Map<String, Double> figures = handover.run();
                Path results = Path.of(System.getProperty("reflex.evaluate.results", "../../benchmarks/results"));
                terminal.line("results in " + Figures.write(results, "handover", COMMAND, figures));
                status = 0;
            } catch (Evaluate.TimeOver e) {
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

    /** Fits, plays, and prints the curve. */
    Map<String, Double> run() {
        Map<String, Double> figures = new LinkedHashMap<>();
        List<Path> own = fitting("alone", EscalationPolicy.disabled(), Advised.Landing.AT_ONCE, FITTING_ROUNDS);
        List<Point> points = points(own, measure(own, figures));
        play(points);
        new HandoverCurve(terminal, figures)
                .add(points.stream()
                        .map(each -> new HandoverCurve.Row(each.name(), each.handed(), each.agreement(), each.rounds()))
                        .toList());
        figures.put("modelServedShare", modelServedShare(points));
        return figures;
    }

    /** The name of the measure with the fewest errors among what it keeps in the model's own play, at the share that counts. */
    private String measure(List<Path> own, Map<String, Double> figures) {
        DoubtReport report = DoubtFit.run(own, Optional.empty(), share(REQUIRED));
        DoubtReport.Measure best = report.measures().stream()
                .min(Comparator.comparingDouble(each -> each.threshold().errorOfKept()))
                .orElseThrow();
        terminal.line("the model alone, in rounds to fit on:");
        report.toString().lines().forEach(terminal::line);
        figures.put("fitting.decisions", (double) report.decisions());
        figures.put("fitting.agreement", 1 - best.curve().error());
        for (DoubtReport.Measure each : report.measures()) {
            String name = "fitting." + each.name();
            figures.put(name + ".keptAgreementAt34Percent", 1 - each.threshold().errorOfKept());
            figures.put(name + ".chosen", each.equals(best) ? 1.0 : 0.0);
        }
        return best.name();
    }

    /** The policy that hands over a share of the decisions in some logs, by one measure. */
    private static EscalationPolicy fit(List<Path> logs, String measure, double share) {
        DoubtReport.Measure fitted = DoubtFit.run(logs, Optional.empty(), share).measures().stream()
                .filter(each -> each.name().equals(measure))
                .findFirst()
                .orElseThrow();
        EscalationPolicy.Builder builder = EscalationPolicy.builder();
        return switch (measure) {
            case "margin" -> builder.marginBelow(fitted.setting()).build();
            case "entropy" -> builder.entropyAbove(fitted.setting()).build();
            case "probability" -> builder.probabilityBelow(fitted.setting()).build();
            default -> throw new IllegalStateException("no policy has a threshold for the measure '" + measure + "'");
        };
    }

    private static double share(int percent) {
        return percent / (double) ALL_PERCENT;
    }

    /** What is to be played, with the thresholds that it takes. */
    private List<Point> points(List<Path> own, String measure) {
        List<Point> points = new ArrayList<>();
        Advised.Landing atOnce = Advised.Landing.AT_ONCE;
        points.add(new Point("alone", seed -> EscalationPolicy.disabled(), atOnce, REQUIRED_ROUNDS));
        for (int each : extent.shares()) {
            int rounds = each == REQUIRED ? REQUIRED_ROUNDS : CURVE_ROUNDS;
            EscalationPolicy doubt = fitted("doubt." + each, own, measure, share(each), atOnce);
            points.add(new Point("doubt." + each, seed -> doubt, atOnce, rounds));
            points.add(new Point("random." + each, seed -> Advised.atRandom(share(each), seed), atOnce, rounds));
        }
        points.add(new Point("always", seed -> Advised.atRandom(1, seed), atOnce, REQUIRED_ROUNDS));
        // the decision in which guidance lands is not handed over itself, so of the others more are
        double ofTheOthers = share(REQUIRED) / (1 - share(REQUIRED));
        Advised.Landing next = Advised.Landing.NEXT;
        EscalationPolicy doubt = fitted("next.doubt." + REQUIRED, own, measure, ofTheOthers, next);
        points.add(new Point("next.doubt." + REQUIRED, seed -> doubt, next, DELAYED_ROUNDS));
        points.add(new Point(
                "next.random." + REQUIRED, seed -> Advised.atRandom(ofTheOthers, seed), next, DELAYED_ROUNDS));
        return points;
    }

    /** Fits a threshold in the model's own play, and again in play that is handed over by that. */
    private EscalationPolicy fitted(
            String name, List<Path> own, String measure, double share, Advised.Landing landing) {
        return fit(fitting(name, fit(own, measure, share), landing, REFITTING_ROUNDS), measure, share);
    }

    /** Plays rounds that are only fitted on, and gives their logs. */
    private List<Path> fitting(String name, EscalationPolicy when, Advised.Landing landing, int usualRounds) {
        List<Path> logs = new ArrayList<>();
        int rounds = Math.max(FEWEST_TO_FIT_ON, rounds(usualRounds));
        for (int done = 0; done < rounds; done += CHUNK) {
            int now = Math.min(CHUNK, rounds - done);
            long seed = FITTING_SEED + done;
            String key = "handover-fit-" + name + "-" + done + "-" + now;
            Path file = cells.beside(key + ".jsonl");
            logs.add(file);
            cells.get(key, () -> {
                try {
                    Files.deleteIfExists(file);
                    try (TrajectoryLogger log = TrajectoryLogger.file(file)) {
                        Cells.Cell cell = cell(when, landing, log, now, seed, key);
                        if (!log.flush(Duration.ofSeconds(20)) || log.lost() > 0) {
                            throw new IOException("the log " + file + " lost records; check the space on the disk");
                        }
                        return cell;
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return logs;
    }

    /** Plays all points side by side, so that each meets the same seeds and the same load of the machine. */
    private void play(List<Point> points) {
        for (int done = 0; done < rounds(REQUIRED_ROUNDS); done += CHUNK) {
            for (Point point : points) {
                int now = Math.min(CHUNK, rounds(point.usualRounds()) - done);
                if (now > 0) {
                    long seed = FIRST_SEED + done;
                    String key = "handover-" + point.name() + "-" + done + "-" + now;
                    point.played()
                            .add(cells.get(
                                    key,
                                    () -> cell(
                                            point.when().policy(seed),
                                            point.landing(),
                                            TrajectoryLogger.disabled(),
                                            now,
                                            seed,
                                            key)));
                }
            }
        }
    }

    private int rounds(int usual) {
        return Math.max(1, usual * extent.percent() / ALL_PERCENT);
    }

    private Cells.Cell cell(
            EscalationPolicy when, Advised.Landing landing, TrajectoryLogger log, int rounds, long seed, String key) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        if (left.isNegative() || left.isZero()) {
            throw new Evaluate.TimeOver();
        }
        try (Advised advised = new Advised(model, when, landing, log, key)) {
            SteppedCockpit cockpit = new SteppedCockpit(advised, seed);
            List<String> opponents = Arena.TEAM.pairings().get(0);
            Engine.Battle battle = engine.fight(Arena.TEAM, opponents, rounds, cockpit, false, left);
            if (!battle.complete()) {
                throw new Evaluate.TimeOver();
            }
            LoopStats stats = advised.stats();
            return Cells.Cell.of(0, battle, cockpit)
                    .with(
                            advised.kept() + advised.handed(),
                            advised.kept() - stats.served(Served.FALLBACK),
                            stats.late(),
                            stats.closure().opened(),
                            stats.closure().byGame(),
                            advised.agreed(),
                            advised.kept());
        }
    }

    /** Of the decisions that were kept, the share that the model made. */
    private static double modelServedShare(List<Point> points) {
        List<Cells.Cell> all =
                points.stream().flatMap(each -> each.played().stream()).toList();
        long kept = all.stream().mapToLong(Cells.Cell::asked).sum();
        return all.stream().mapToLong(Cells.Cell::byModel).sum() / (double) Math.max(1, kept);
    }
}
