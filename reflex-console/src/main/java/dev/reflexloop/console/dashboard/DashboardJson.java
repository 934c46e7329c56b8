package dev.reflexloop.console.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.llm.server.ModelEntry;
import dev.reflexloop.llm.server.ModelPlace;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** An overview as JSON. What is not known is null. */
final class DashboardJson {
    private DashboardJson() {}

    static ObjectNode of(Overview overview) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("at", overview.at().toString());
        json.put(
                "windowSeconds", overview.window().map(back -> back.toSeconds()).orElse(null));
        json.putObject("logs")
                .put("files", overview.files())
                .put("bytes", overview.bytes())
                .put("skippedLines", overview.skipped());
        decisions(json.putObject("decisions"), overview);
        last(json, overview.decisions().last);
        loops(json.putArray("loops"), overview);
        ArrayNode pending = json.putObject("escalations")
                .put("answered", overview.answered())
                .put("expired", overview.expired())
                .putArray("pending");
        overview.pending()
                .forEach(entry -> pending.addObject()
                        .put("id", entry.id())
                        .put("entity", entry.entity())
                        .put("tick", entry.tick())
                        .put("at", entry.at().toString())
                        .put("kind", entry.situation().kind().name())
                        .put("situation", entry.situation().words()));
        ObjectNode labels = json.putObject("labels");
        labels(labels.putObject("byPeople"), overview.byPeople());
        labels(labels.putObject("fromPlay"), overview.fromPlay());
        tokens(json, overview.tokens());
        ArrayNode models = json.putArray("models");
        overview.models().forEach(place -> place(models.addObject(), place));
        ArrayNode problems = json.putArray("problems");
        overview.problems().forEach(problems::add);
        return json;
    }

    private static void decisions(ObjectNode json, Overview overview) {
        LoopTally all = overview.decisions();
        json.put("total", all.latencies.count());
        json.put("handedOver", all.escalated);
        json.put("bots", all.entities.size());
        counts(json.putObject("served"), all.served);
        counts(json.putObject("fallbackCauses"), all.fallbackCauses);
        ObjectNode models = json.putObject("byModel");
        all.models.forEach((name, latencies) -> latency(models.putObject(name), latencies));
        latency(json.putObject("latency"), all.latencies);
    }

    private static void counts(ObjectNode json, Map<String, Long> counts) {
        counts.forEach(json::put);
    }

    private static void latency(ObjectNode json, Latencies latencies) {
        json.put("decisions", latencies.count());
        json.put("p50Micros", latencies.percentile(50));
        json.put("p90Micros", latencies.percentile(90));
        json.put("p99Micros", latencies.percentile(99));
        json.put("p999Micros", latencies.percentile(99.9));
        json.put("maxMicros", latencies.max());
    }

    private static void last(ObjectNode json, @Nullable Seen last) {
        if (last == null) {
            json.putNull("last");
            return;
        }
        ObjectNode decision = json.putObject("last");
        decision.put("at", last.at().toString());
        decision.put("loop", last.loop());
        decision.put("entity", last.entity());
        decision.put("tick", last.tick());
        decision.put("action", last.action());
        decision.put("target", last.target().orElse(null));
        decision.put("served", last.served());
        decision.put("because", last.because().orElse(null));
        decision.put("model", last.model().orElse(null));
        decision.put("latencyMicros", last.latencyMicros());
        ObjectNode probabilities = decision.putObject("probabilities");
        last.probabilities().forEach(probabilities::put);
    }

    private static void loops(ArrayNode json, Overview overview) {
        overview.loops()
                .forEach((name, loop) -> json.addObject()
                        .put("session", name)
                        .put("decisions", loop.latencies.count())
                        .put("bots", loop.entities.size())
                        .put(
                                "lastAt",
                                Optional.ofNullable(loop.last)
                                        .map(last -> last.at().toString())
                                        .orElse(null))
                        .put("active", overview.active().contains(name)));
    }

    private static void labels(ObjectNode json, FileTally.LabelCount labels) {
        json.put("chosen", labels.chosen).put("rejected", labels.rejected).put("skipped", labels.skipped);
    }

    private static void tokens(ObjectNode json, Optional<Tokens> tokens) {
        if (tokens.isEmpty()) {
            json.putNull("tokens");
            return;
        }
        json.putObject("tokens")
                .put("sessions", tokens.get().sessions())
                .put("active", tokens.get().active())
                .put("input", tokens.get().input())
                .put("output", tokens.get().output())
                .put("total", tokens.get().total());
    }

    private static void place(ObjectNode json, ModelPlace place) {
        json.put("kind", place.kind().name().toLowerCase(Locale.ROOT));
        json.put("address", place.address());
        ArrayNode models = json.putArray("models");
        place.models().forEach(model -> model(models.addObject(), model));
        ArrayNode problems = json.putArray("problems");
        place.problems().forEach(problems::add);
    }

    private static void model(ObjectNode json, ModelEntry model) {
        json.put("name", model.name());
        json.put("loaded", model.loaded());
        json.put("architecture", model.architecture().orElse(null));
        json.put("quantization", model.quantization().orElse(null));
        json.put("parameters", boxed(model.parameters()));
        json.put("diskBytes", boxed(model.diskBytes()));
        json.put("memoryBytes", boxed(model.memoryBytes()));
        json.put("videoBytes", boxed(model.videoBytes()));
        json.put("loadedUntil", model.loadedUntil().map(Instant::toString).orElse(null));
        json.put("context", boxed(model.context()));
        json.put("slots", boxed(model.slots()));
        json.put("busySlots", boxed(model.busySlots()));
    }

    private static @Nullable Long boxed(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
    }

    private static @Nullable Integer boxed(OptionalInt number) {
        return number.isPresent() ? number.getAsInt() : null;
    }
}
