package dev.reflexloop.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Decision;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.data.LogRecordData;
import io.opentelemetry.sdk.logs.export.SimpleLogRecordProcessor;
import io.opentelemetry.sdk.testing.exporter.InMemoryLogRecordExporter;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TelemetrySpansTest {
    private static final Duration NEVER = Duration.ofDays(1);

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final InMemoryLogRecordExporter records = InMemoryLogRecordExporter.create();
    private final OpenTelemetrySdk openTelemetry = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setLoggerProvider(SdkLoggerProvider.builder()
                    .addLogRecordProcessor(SimpleLogRecordProcessor.create(records))
                    .build())
            .build();
    private final TelemetryBus bus = TelemetryBus.builder().build();

    @AfterEach
    void close() {
        openTelemetry.close();
    }

    @Test
    void decision_served_isASpanWithTheConventionsOfGenerativeModels() {
        List<Decision> decisions;
        TelemetrySpans following = TelemetrySpans.follow(bus, openTelemetry, NEVER);
        decisions = Play.decide(bus, 3);
        following.close();

        assertThat(spans.getFinishedSpanItems()).hasSize(3);
        SpanData span = spans.getFinishedSpanItems().get(0);
        Decision decision = decisions.get(0);
        assertThat(span.getName()).isEqualTo("decide tiny");
        assertThat(text(span, "gen_ai.operation.name")).isEqualTo("decide");
        assertThat(text(span, "gen_ai.provider.name")).isEqualTo("reflex");
        assertThat(text(span, "gen_ai.request.model")).isEqualTo("tiny");
        assertThat(text(span, "gen_ai.response.id")).isEqualTo(decision.id());
        assertThat(span.getAttributes().get(AttributeKey.longKey("gen_ai.usage.input_tokens")))
                .isEqualTo(116);
        assertThat(span.getAttributes().get(AttributeKey.longKey("gen_ai.usage.cache_read.input_tokens")))
                .isEqualTo(100);
        assertThat(span.getAttributes().get(AttributeKey.doubleKey("reflex.probability")))
                .isEqualTo(0.75);
        assertThat(text(span, "reflex.action")).isEqualTo("fight");
        assertThat(text(span, "reflex.served")).isEqualTo("MODEL");
        assertThat(text(span, "reflex.entity")).isEqualTo("bot");
        assertThat(Duration.ofNanos(span.getEndEpochNanos() - span.getStartEpochNanos()))
                .isEqualTo(Duration.ofNanos(decision.latency().toNanos() / 1_000 * 1_000));
    }

    @Test
    void decision_late_isAnError() {
        TelemetrySpans following = TelemetrySpans.follow(bus, openTelemetry, NEVER);
        bus.publish(
                event("loop", "decision", TelemetryEvent.Level.WARN, Map.of("late", true, "latencyMicros", 250_000)));
        following.close();

        SpanData span = spans.getFinishedSpanItems().get(0);
        assertThat(span.getName()).isEqualTo("decide");
        assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    }

    @Test
    void otherEvents_published_areLogRecords() {
        TelemetrySpans following = TelemetrySpans.follow(bus, openTelemetry, NEVER);
        bus.publish(
                event("model", "lost", TelemetryEvent.Level.WARN, Map.of("model", "tiny", "odds", Map.of("a", 0.5))));
        following.close();

        LogRecordData record = records.getFinishedLogRecordItems().get(0);
        assertThat(record.getEventName()).isEqualTo("reflex.model.lost");
        assertThat(record.getSeverity()).isEqualTo(Severity.WARN);
        assertThat(record.getAttributes().get(AttributeKey.stringKey("reflex.model")))
                .isEqualTo("tiny");
        assertThat(record.getAttributes().get(AttributeKey.doubleKey("reflex.odds.a")))
                .isEqualTo(0.5);
        assertThat(spans.getFinishedSpanItems()).isEmpty();
    }

    private static String text(SpanData span, String name) {
        return span.getAttributes().get(AttributeKey.stringKey(name));
    }

    private static TelemetryEvent event(
            String source, String event, TelemetryEvent.Level level, Map<String, Object> fields) {
        return new TelemetryEvent(Instant.EPOCH.plusSeconds(1_000), level, source, event, "bot", 1, fields);
    }
}
