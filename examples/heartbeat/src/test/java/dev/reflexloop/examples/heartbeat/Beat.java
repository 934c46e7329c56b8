package dev.reflexloop.examples.heartbeat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Alert;
import dev.reflexloop.Answer;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.ScriptedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/** A monitor over fake things, on a manual clock and one thread; its ticks are read back from the real log. */
final class Beat implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofSeconds(10);
    static final Duration PATIENCE = Duration.ofSeconds(2);
    static final Duration BUDGET = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    final ManualClock clock = new ManualClock();
    final FakeProbe api = new FakeProbe("api");
    final FakeProbe disk = new FakeProbe("disk");
    final List<Alert> alerts = new ArrayList<>();
    final Deque<Runnable> hung = new ArrayDeque<>();
    private final Path folder;
    private Executor lookouts = Runnable::run;
    private Optional<Reasoning> reasoning = Optional.empty();
    private List<HookSettings> hooks = List.of();
    private boolean act;
    private Monitor monitor;

    Beat(Path folder, ReflexModel model) {
        this.folder = folder;
        this.monitor = monitor(model);
    }

    /** The same, told more before it begins. */
    Beat(Path folder, ReflexModel model, Reasoning writer, boolean act, HookSettings... hooks) {
        this.folder = folder;
        this.reasoning = Optional.of(writer);
        this.act = act;
        this.hooks = List.of(hooks);
        this.monitor = monitor(model);
    }

    /** A beat with actions and nobody who explains. */
    static Beat acting(Path folder, ReflexModel model, boolean act, HookSettings... hooks) {
        Beat beat = new Beat(folder, model);
        beat.hooks = List.of(hooks);
        beat.act = act;
        beat.restart(model);
        return beat;
    }

    private Monitor monitor(ReflexModel model) {
        MonitorSettings settings = new MonitorSettings(
                "watched", "", INTERVAL, PATIENCE, BUDGET, Duration.ofSeconds(3), 2, folder, hooks, act);
        return new Monitor(
                settings,
                List.of(api, disk),
                model,
                reasoning,
                alerts::add,
                clock,
                Crew.of(task -> lookouts.execute(task), Runnable::run));
    }

    /** A new process with the same log. */
    void restart(ReflexModel model) {
        monitor.close();
        monitor = monitor(model);
    }

    /** From now on looks are begun and not ended. */
    void looksHang() {
        lookouts = hung::add;
    }

    void looksEnd() {
        lookouts = Runnable::run;
        while (!hung.isEmpty()) {
            hung.remove().run();
        }
    }

    Tick tick() throws InterruptedException {
        return monitor.tick();
    }

    /** Ticks at the interval for some time, as the command does. */
    void run(Duration duration) {
        clock.schedule(duration, monitor::close);
        monitor.run(tick -> {});
    }

    Monitor.Stats stats() {
        return monitor.stats();
    }

    /** The ticks in the log, in order. */
    List<JsonNode> logged() throws IOException {
        List<JsonNode> ticks = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                for (String line : Files.readAllLines(file)) {
                    ticks.add(JSON.readTree(line));
                }
            }
        }
        return ticks;
    }

    JsonNode last() throws IOException {
        List<JsonNode> ticks = logged();
        return ticks.get(ticks.size() - 1);
    }

    /** A model that rates as the text says and answers side questions with one probability of yes. */
    static ScriptedModel rating(String severity, double yes) {
        return ScriptedModel.answering(question -> answer(question, severity, yes));
    }

    static Answer answer(Question question, String favourite, double yes) {
        Map<String, Map<String, Double>> sides = new LinkedHashMap<>();
        question.sideQuestions().forEach(side -> sides.put(side.id(), Map.of("yes", yes, "no", 1 - yes)));
        Answer plain = ScriptedModel.favouring(question, favourite);
        return new Answer(
                "scripted",
                Optional.empty(),
                plain.probabilities(),
                OptionalDouble.empty(),
                Map.of(),
                sides,
                Optional.empty(),
                plain.timings());
    }

    @Override
    public void close() {
        monitor.close();
    }
}
