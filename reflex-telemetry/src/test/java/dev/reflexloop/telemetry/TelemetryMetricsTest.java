package dev.reflexloop.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TelemetryMetricsTest {
    /** Nothing is looked at before the end, which takes what is there. */
    private static final Duration NEVER = Duration.ofDays(1);

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final TelemetryBus bus = TelemetryBus.builder().build();

    @Test
    void loop_played_isCountedByHowItsDecisionsWereServed() {
        TelemetryMetrics metrics = TelemetryMetrics.follow(bus, registry, NEVER);
        Play.decide(bus, 10);
        metrics.close();

        assertThat(registry.get("reflex.decision")
                        .tags("served", "MODEL", "because", "none", "model", "tiny")
                        .timer()
                        .count())
                .isEqualTo(10);
        assertThat(registry.get("reflex.tokens")
                        .tags("kind", "evaluated")
                        .counter()
                        .count())
                .isEqualTo(160);
        assertThat(registry.get("reflex.tokens")
                        .tags("kind", "cached")
                        .counter()
                        .count())
                .isEqualTo(1_000);
        assertThat(registry.find("reflex.decision.late").counters()).isEmpty();
    }

    @Test
    void rewards_ofBothSigns_areSummedApart() {
        TelemetryMetrics metrics = TelemetryMetrics.follow(bus, registry, NEVER);
        Play.decide(bus, 10);
        metrics.close();

        assertThat(registry.get("reflex.outcome")
                        .tags("closedBy", "GAME")
                        .counter()
                        .count())
                .isEqualTo(10);
        assertThat(registry.get("reflex.reward")
                        .tags("sign", "gained")
                        .counter()
                        .count())
                .isCloseTo(2.5, within(1e-9));
        assertThat(registry.get("reflex.reward").tags("sign", "lost").counter().count())
                .isCloseTo(1.25, within(1e-9));
    }

    @Test
    void events_ofABot_areCountedBySourceAndName() {
        TelemetryMetrics metrics = TelemetryMetrics.follow(bus, registry, NEVER);
        bus.publish(event("pilot", "stuck", TelemetryEvent.Level.WARN, Map.of()));
        bus.publish(event("guidance", "ended", TelemetryEvent.Level.INFO, Map.of("fate", "APPLIED")));
        metrics.close();

        assertThat(registry.get("reflex.events")
                        .tags("source", "pilot", "event", "stuck", "level", "WARN", "detail", "none")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("reflex.events")
                        .tags("detail", "APPLIED")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void names_withoutEnd_doNotMakeMetersWithoutEnd() {
        TelemetryMetrics metrics = TelemetryMetrics.follow(bus, registry, NEVER);
        for (int i = 0; i < 5_000; i++) {
            bus.publish(event("pilot", "event-" + i, TelemetryEvent.Level.INFO, Map.of()));
        }
        metrics.close();

        assertThat(registry.getMeters()).hasSizeLessThan(1_100);
        assertThat(registry.get("reflex.events")
                        .tags("event", "other")
                        .counter()
                        .count())
                .isEqualTo(4_000);
    }

    @Test
    void fields_ofAForgedDecision_doNoHarm() {
        TelemetryMetrics metrics = TelemetryMetrics.follow(bus, registry, NEVER);
        bus.publish(event(
                "loop",
                "decision",
                TelemetryEvent.Level.INFO,
                Map.of("latencyMicros", -5, "served", 7, "late", "yes", "evaluatedTokens", -3)));
        metrics.close();

        assertThat(registry.get("reflex.decision")
                        .tags("served", "none")
                        .timer()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void registry_thatRefuses_losesThatEventOnlyAndTells() {
        registry.config().meterFilter(new MeterFilter() {
            @Override
            public MeterFilterReply accept(Meter.Id id) {
                if ("bad".equals(id.getTag("source"))) {
                    throw new IllegalStateException("no bad ones");
                }
                return MeterFilterReply.NEUTRAL;
            }
        });
        TelemetryMetrics metrics = TelemetryMetrics.follow(bus, registry, NEVER);
        bus.publish(event("bad", "event", TelemetryEvent.Level.INFO, Map.of()));
        bus.publish(event("good", "event", TelemetryEvent.Level.INFO, Map.of()));
        metrics.close();

        assertThat(registry.get("reflex.events")
                        .tags("source", "good")
                        .counter()
                        .count())
                .isEqualTo(1);
        FunctionCounter missed = registry.get("reflex.events.missed").functionCounter();
        assertThat(missed.count()).isEqualTo(1);
    }

    @Test
    void ring_overrun_countsWhatWasMissed() {
        TelemetryMetrics metrics = TelemetryMetrics.follow(bus, registry, NEVER);
        for (int i = 0; i < 40_000; i++) {
            bus.publish(event("pilot", "step", TelemetryEvent.Level.INFO, Map.of()));
        }
        metrics.close();

        double counted =
                registry.get("reflex.events").tags("event", "step").counter().count();
        double missed = registry.get("reflex.events.missed").functionCounter().count();
        assertThat(missed).isPositive();
        assertThat(counted + missed).isEqualTo(40_000);
    }

    @Test
    void interval_ofNothing_isRefused() {
        assertThatThrownBy(() -> TelemetryMetrics.follow(bus, registry, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("interval");
    }

    private static TelemetryEvent event(
            String source, String event, TelemetryEvent.Level level, Map<String, Object> fields) {
        return new TelemetryEvent(Instant.EPOCH, level, source, event, "bot", 1, fields);
    }
}
