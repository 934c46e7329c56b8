package dev.reflexloop.telemetry;

import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.logs.LogRecordBuilder;
import io.opentelemetry.api.logs.Logger;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;

/**
 * What happens on a bus as OpenTelemetry spans and log records, with the attributes of its conventions for generative models.
 *
 * <pre>{@code
 * try (TelemetrySpans spans = TelemetrySpans.follow(bus, openTelemetry)) { ... }
 * }</pre>
 *
 * <p>A decision is a span {@code decide MODEL} from its tick's entry until it was served: {@code gen_ai.operation.name} is {@code decide},
 * {@code gen_ai.provider.name} is {@code reflex}, {@code gen_ai.request.model} the model's id, {@code gen_ai.usage.input_tokens} the prompt's tokens (of which
 * {@code gen_ai.usage.cache_read.input_tokens} came from the prefix cache), {@code gen_ai.conversation.id} the session and
 * {@code gen_ai.response.id} the decision; what is ours is named {@code reflex.}: action, target, probability, legal_mass, served, because, entity, tick, escalated. A late one has
 * the status ERROR. Everything else is a log record named {@code reflex.SOURCE.EVENT} with its fields as attributes. Neither a prompt nor a
 * perception is ever among them. Spans are made after the fact, by one thread; sampling is the SDK's. Thread-safe.
 */
public final class TelemetrySpans implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final String SCOPE = "dev.reflexloop";

    private static final AttributeKey<String> OPERATION = AttributeKey.stringKey("gen_ai.operation.name");
    private static final AttributeKey<String> PROVIDER = AttributeKey.stringKey("gen_ai.provider.name");
    private static final AttributeKey<String> MODEL = AttributeKey.stringKey("gen_ai.request.model");
    private static final AttributeKey<String> RESPONSE = AttributeKey.stringKey("gen_ai.response.id");
    private static final AttributeKey<String> CONVERSATION = AttributeKey.stringKey("gen_ai.conversation.id");
    private static final AttributeKey<Long> INPUT_TOKENS = AttributeKey.longKey("gen_ai.usage.input_tokens");
    private static final AttributeKey<Long> CACHED_TOKENS =
            AttributeKey.longKey("gen_ai.usage.cache_read.input_tokens");
    private static final AttributeKey<Double> PROBABILITY = AttributeKey.doubleKey("reflex.probability");
    private static final AttributeKey<Double> LEGAL_MASS = AttributeKey.doubleKey("reflex.legal_mass");
    private static final AttributeKey<String> ENTITY = AttributeKey.stringKey("reflex.entity");
    private static final AttributeKey<Long> TICK = AttributeKey.longKey("reflex.tick");
    private static final AttributeKey<Boolean> ESCALATED = AttributeKey.booleanKey("reflex.escalated");

    private final Tracer tracer;
    private final Logger logger;
    private final Follower follower;

    private TelemetrySpans(TelemetryBus bus, OpenTelemetry openTelemetry, Duration every) {
        tracer = openTelemetry.getTracer(SCOPE);
        logger = openTelemetry.getLogsBridge().get(SCOPE);
        follower = new Follower("reflex-spans", bus, every, this::take);
    }

    /**
     * Follows a bus from now on, and looks once a second.
     *
     * @param bus the bus; stays open when this is closed
     * @param openTelemetry where spans and log records go; stays open when this is closed
     * @return to be closed by the caller
     */
    public static TelemetrySpans follow(TelemetryBus bus, OpenTelemetry openTelemetry) {
        return follow(bus, openTelemetry, EVERY);
    }

    /**
     * Follows a bus from now on.
     *
     * @param bus the bus; stays open when this is closed
     * @param openTelemetry where spans and log records go; stays open when this is closed
     * @param every how often to look; above zero. Longer than the bus's ring lasts loses events, see {@link #missed()}
     * @return to be closed by the caller
     */
    public static TelemetrySpans follow(TelemetryBus bus, OpenTelemetry openTelemetry, Duration every) {
        Objects.requireNonNull(bus, "bus of telemetry spans");
        Objects.requireNonNull(openTelemetry, "OpenTelemetry of telemetry spans");
        return new TelemetrySpans(bus, openTelemetry, Objects.requireNonNull(every, "interval of telemetry spans"));
    }

    /**
     * How many events became neither span nor log record, because they were overwritten first or could not be passed on.
     *
     * @return their number since this began
     */
    public long missed() {
        return follower.missed();
    }

    /** Takes the events that are still there, for at most two seconds, and ends. Idempotent. */
    @Override
    public void close() {
        follower.close();
    }

    private void take(TelemetryEvent event) {
        if (event.source().equals("loop") && event.event().equals("decision")) {
            decision(event);
        } else {
            record(event);
        }
    }

    private void decision(TelemetryEvent event) {
        Fields fields = new Fields(event);
        String model = fields.text("model", "");
        Instant from = event.at().minus(Math.max(0, (long) fields.number("latencyMicros")), ChronoUnit.MICROS);
        SpanBuilder builder = tracer.spanBuilder(model.isEmpty() ? "decide" : "decide " + model)
                .setParent(Context.root())
                .setSpanKind(SpanKind.INTERNAL)
                .setStartTimestamp(from)
                .setAttribute(OPERATION, "decide")
                .setAttribute(PROVIDER, "reflex")
                .setAttribute(ENTITY, event.entity())
                .setAttribute(TICK, event.tick());
        text(builder, MODEL, model);
        text(builder, RESPONSE, fields.text("id", ""));
        text(builder, CONVERSATION, fields.text("session", ""));
        for (String name : new String[] {"action", "target", "served", "because", "adapter", "guidance", "situation"}) {
            text(builder, AttributeKey.stringKey("reflex." + name), fields.text(name, ""));
        }
        numbers(builder, fields);
        Span span = builder.startSpan();
        if (fields.isTrue("late")) {
            span.setStatus(StatusCode.ERROR, "late");
        }
        span.end(event.at());
    }

    private static void text(SpanBuilder builder, AttributeKey<String> key, String value) {
        if (!value.isEmpty()) {
            builder.setAttribute(key, value);
        }
    }

    private static void numbers(SpanBuilder builder, Fields fields) {
        long cached = (long) fields.number("cachedTokens");
        long input = cached + (long) fields.number("evaluatedTokens");
        if (input > 0) {
            builder.setAttribute(INPUT_TOKENS, input).setAttribute(CACHED_TOKENS, cached);
        }
        double probability = fields.entry("probabilities", fields.text("action", ""));
        if (!Double.isNaN(probability)) {
            builder.setAttribute(PROBABILITY, probability);
        }
        if (fields.event().fields().containsKey("legalMass")) {
            builder.setAttribute(LEGAL_MASS, fields.number("legalMass"));
        }
        if (fields.isTrue("escalated")) {
            builder.setAttribute(ESCALATED, true);
        }
    }

    private void record(TelemetryEvent event) {
        LogRecordBuilder builder = logger.logRecordBuilder()
                .setEventName("reflex." + event.source() + "." + event.event())
                .setContext(Context.root())
                .setTimestamp(event.at())
                .setSeverity(severity(event.level()))
                .setSeverityText(event.level().name());
        builder.setAllAttributes(attributes(event)).emit();
    }

    private static Attributes attributes(TelemetryEvent event) {
        AttributesBuilder attributes = Attributes.builder();
        if (!event.entity().isEmpty()) {
            attributes.put(ENTITY, event.entity());
        }
        if (event.tick() >= 0) {
            attributes.put(TICK, event.tick());
        }
        event.fields().forEach((name, value) -> put(attributes, "reflex." + name, value));
        return attributes.build();
    }

    private static void put(AttributesBuilder attributes, String name, Object value) {
        if (value instanceof Boolean is) {
            attributes.put(name, is);
        } else if (value instanceof Long number) {
            attributes.put(name, number);
        } else if (value instanceof Number number) {
            attributes.put(name, number.doubleValue());
        } else if (value instanceof Map<?, ?> numbers) {
            numbers.forEach((key, number) -> put(attributes, name + "." + key, number));
        } else {
            attributes.put(name, String.valueOf(value));
        }
    }

    private static Severity severity(TelemetryEvent.Level level) {
        switch (level) {
            case DEBUG:
                return Severity.DEBUG;
            case INFO:
                return Severity.INFO;
            case WARN:
                return Severity.WARN;
            default:
                return Severity.ERROR;
        }
    }
}
