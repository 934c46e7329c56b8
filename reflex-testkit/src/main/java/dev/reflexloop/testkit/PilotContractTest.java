package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Intent;
import dev.reflexloop.Pilot;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Pilot} has to keep. Extend it in your tests:
 *
 * <pre>{@code
 * class MyPilotContractTest extends PilotContractTest {
 *     protected Pilot createPilot() {
 *         return new MyPilot(new FakeGame());
 *     }
 *
 *     protected ActionSchema schema() {
 *         return MyBot.SCHEMA;
 *     }
 * }
 * }</pre>
 */
public abstract class PilotContractTest {

    /** For subclasses. */
    protected PilotContractTest() {}

    /**
     * Makes a pilot.
     *
     * @return a new pilot
     */
    protected abstract Pilot createPilot();

    /**
     * The actions that the pilot carries out. Default: four actions, one of them with targets.
     *
     * @return the schema
     */
    protected ActionSchema schema() {
        return Samples.schema();
    }

    /**
     * How long the pilot may take over one intent. Default: 1 s, which is kind; a frame is 16 ms.
     *
     * @return the bound
     */
    protected Duration applyWithin() {
        return Duration.ofSeconds(1);
    }

    /** The intent that exists before the first decision has no decision behind it. */
    @Test
    public void apply_ofTheIdleIntent_returns() throws Exception {
        Pilot pilot = createPilot();
        applyAll(pilot, List.of(new Intent(0, schema().idle(), Optional.empty(), Optional.empty(), 0, Long.MAX_VALUE)));
    }

    /** Every action of the schema is carried out. */
    @Test
    public void apply_ofEveryAction_returns() throws Exception {
        applyAll(createPilot(), intents());
    }

    /** The reflex may decide the same again. */
    @Test
    public void apply_ofTheSameActionAgain_returns() throws Exception {
        Pilot pilot = createPilot();
        List<Intent> intents = intents();
        applyAll(pilot, intents);
        applyAll(pilot, intents);
    }

    /** One call at a time, but not always on the same thread. */
    @Test
    public void apply_onOtherThreads_returns() throws Exception {
        Pilot pilot = createPilot();
        for (Intent intent : intents()) {
            applyAll(pilot, List.of(intent));
        }
    }

    /** An intent for each action, made by a loop. */
    private List<Intent> intents() {
        List<Intent> intents = new ArrayList<>();
        String[] names =
                schema().actions().stream().map(action -> action.name()).toArray(String[]::new);
        try (ScriptedModel model = ScriptedModel.script(names);
                ReflexLoop loop = ReflexLoop.builder(schema(), model).build()) {
            for (int i = 0; i < names.length; i++) {
                loop.decide(Samples.ordinary(i));
                Intent intent = loop.latest();
                assertThat(intent.stale(ReflexClock.system().nanos())).isFalse();
                intents.add(intent);
            }
        }
        return intents;
    }

    private void applyAll(Pilot pilot, List<Intent> intents) throws Exception {
        ExecutorService stage = Executors.newSingleThreadExecutor(ReflexThreads.factory("reflex-testkit"));
        try {
            for (Intent intent : intents) {
                stage.submit(() -> pilot.apply(intent)).get(applyWithin().toNanos(), TimeUnit.NANOSECONDS);
            }
        } finally {
            stage.shutdownNow();
        }
    }
}
