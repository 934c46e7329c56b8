package dev.reflexloop.examples.morrowind;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Alert;
import dev.reflexloop.Cause;
import dev.reflexloop.Guidance;
import dev.reflexloop.LoopStats;
import dev.reflexloop.Served;
import dev.reflexloop.escalation.InboxStats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What {@code stats.json} says of a run. Stateless. */
final class Stats {
    private static final double MICROS = 1e3;
    private static final double HUNDREDTHS = 100;

    private Stats() {}

    static ObjectNode of(LoopStats loop, Bridge bridge, Troubles troubles, String model) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("model", model);
        json.put("perceptions", bridge.perceptions().read());
        json.put("mendedPerceptions", bridge.perceptions().mended());
        json.put("decisions", loop.decisions());
        json.put("onTime", loop.onTime());
        json.put("late", loop.late());
        json.put("stale", loop.stale());
        json.put("superseded", loop.superseded());
        json.put("preempted", loop.preempted());
        json.put("queueDrops", loop.queueDrops());
        json.put("escalated", loop.escalated());
        json.put("reward", Math.round(bridge.reward() * HUNDREDTHS) / HUNDREDTHS);
        json.put("callbackFailures", loop.callbackFailures());
        json.put("repeatedReplacements", bridge.actions().repeated());
        ObjectNode served = json.putObject("served");
        for (Served each : Served.values()) {
            served.put(lower(each), loop.served(each));
        }
        ObjectNode because = json.putObject("because");
        for (Cause each : Cause.values()) {
            because.put(lower(each), loop.because(each));
        }
        ObjectNode latency = json.putObject("latencyMicros");
        latency.put("p50", loop.latency().p50().toNanos() / MICROS);
        latency.put("p99", loop.latency().p99().toNanos() / MICROS);
        latency.put("max", loop.latency().max().toNanos() / MICROS);
        ObjectNode closure = json.putObject("closure");
        closure.put("opened", loop.closure().opened());
        closure.put("byGame", loop.closure().byGame());
        closure.put("byTimeout", loop.closure().byTimeout());
        closure.put("byShutdown", loop.closure().byShutdown());
        closure.put("unknown", loop.closure().unknown());
        closure.put("open", loop.closure().open());
        ObjectNode guidances = json.putObject("guidances");
        for (Guidance.Fate each : Guidance.Fate.values()) {
            guidances.put(lower(each), loop.guidances(each));
        }
        ObjectNode files = json.putObject("troubles");
        for (Troubles.Kind each : Troubles.Kind.values()) {
            files.put(each.label(), troubles.count(each));
        }
        return json;
    }

    /** Adds what was asked, what was answered, and how missions ended. */
    static void add(ObjectNode json, InboxStats inbox, Missions missions, Alerts alerts) {
        ObjectNode asked = json.putObject("inbox");
        asked.put("accepted", inbox.accepted());
        asked.put("folded", inbox.folded());
        asked.put("rejected", inbox.rejected());
        asked.put("answered", inbox.answered());
        asked.put("expired", inbox.expired());
        asked.put("fileFailures", inbox.fileFailures());
        ObjectNode refused = asked.putObject("refused");
        inbox.refused().forEach((kind, count) -> refused.put(lower(kind), count));
        ObjectNode fates = asked.putObject("fates");
        inbox.fates().forEach((fate, count) -> fates.put(lower(fate), count));
        ObjectNode known = json.putObject("missions");
        missions.seen().forEach(known::put);
        ArrayNode raised = json.putArray("alerts");
        for (Alert alert : alerts.raised()) {
            raised.addObject()
                    .put("id", alert.id())
                    .put("level", lower(alert.level()))
                    .put("mission", alert.mission())
                    .put("text", alert.text());
        }
    }

    static void write(ObjectNode stats, Path file) throws IOException {
        Files.writeString(file, stats.toPrettyString() + "\n");
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
