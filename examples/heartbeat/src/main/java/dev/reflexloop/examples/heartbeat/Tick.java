package dev.reflexloop.examples.heartbeat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.Fact;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One beat: what was seen, what was decided, what was done. Immutable.
 *
 * @param id unique among all ticks
 * @param at the wall-clock time at its beginning
 * @param decision the decision of the severity loop, with the perception that it was made from
 * @param judgement what was made of it
 * @param taken what became of each action
 * @param told what people know after it
 * @param alerted whether it raised an alert about its severity
 */
record Tick(
        String id,
        Instant at,
        Decision decision,
        Judgement judgement,
        Map<String, Hooks.Taken> taken,
        Alerts.Told told,
        boolean alerted) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final double STEPS = 10_000;

    /**
     * The tick as one line of JSON, without the line's end.
     *
     * @param reasoning one sentence of a model that writes
     */
    String json(Optional<String> reasoning) {
        ObjectNode line = JSON.createObjectNode();
        line.put("tick_id", id);
        line.put("at", at.toString());
        put(line.putObject("perception"), decision.perception().facts());
        decision(line.putObject("decision"), reasoning);
        ObjectNode alert = line.putObject("alert");
        alert.put("raised", alerted);
        alert.put("told", told.severity().label());
        alert.put("better_ticks", told.betterTicks());
        line.putNull("dpo_label");
        return line.toString();
    }

    /** The tick as a line for people: when, how severe and by whom, what is the matter, what was done. */
    String line(ZoneId zone) {
        String by = judgement.byModel() ? decision.answer().map(Answer::model).orElse("model") : "rules";
        StringBuilder line = new StringBuilder(CLOCK.withZone(zone).format(at))
                .append(String.format(
                        Locale.ROOT, "  %-8s  by %s  ", judgement.severity().label(), by))
                .append(judgement.words());
        taken.forEach((action, what) -> line.append("  ")
                .append(action)
                .append(" (")
                .append(words(what))
                .append(')'));
        return line.toString().replaceAll("\\p{Cntrl}", " "); // a model's name may hold what moves a terminal
    }

    private static String words(Hooks.Taken what) {
        return what.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private void decision(ObjectNode json, Optional<String> reasoning) {
        json.put("severity", judgement.recordedSeverity());
        json.put("rule_severity", judgement.ruleSeverity().label());
        put(json.putArray("actions"), judgement.actions());
        put(json.putArray("actions_by_rule"), judgement.byRule());
        ObjectNode outcomes = json.putObject("taken");
        taken.forEach((name, what) -> outcomes.put(name, what.name().toLowerCase(Locale.ROOT)));
        json.put("reasoning", reasoning.orElse(null));
        json.put("served", decision.served().name());
        json.put("because", decision.because().map(Enum::name).orElse(null));
        json.put("model", decision.answer().map(Answer::model).orElse(null));
        ObjectNode probabilities = json.putObject("probabilities");
        ObjectNode ratings = probabilities.putObject("severity");
        decision.answer()
                .ifPresent(answer -> decision.legal()
                        .forEach(action -> put(
                                ratings,
                                action.name(),
                                Optional.ofNullable(answer.probabilities().get(action.name())))));
        ObjectNode odds = probabilities.putObject("actions");
        judgement.odds().forEach((name, yes) -> put(odds, name, yes));
        json.put("latency_ms", decision.latency().toMillis());
    }

    private static void put(ArrayNode array, List<String> names) {
        names.forEach(array::add);
    }

    /** JSON has no NaN; a hostile number is written as null. */
    private static void put(ObjectNode json, String name, Optional<Double> probability) {
        json.put(
                name,
                probability
                        .filter(Double::isFinite)
                        .map(value -> Math.rint(value * STEPS) / STEPS)
                        .orElse(null));
    }

    private static void put(ObjectNode json, Map<String, Fact> facts) {
        facts.forEach((name, fact) -> {
            if (fact instanceof Fact.Text text) {
                json.put(name, text.value());
            } else if (fact instanceof Fact.Flag flag) {
                json.put(name, flag.value());
            } else if (fact instanceof Fact.Quantity quantity) {
                put(json, name, quantity.value());
            } else if (fact instanceof Fact.Records list) {
                ArrayNode records = json.putArray(name);
                list.records().forEach(each -> put(records.addObject(), each));
            }
        });
    }

    private static void put(ObjectNode json, String name, double number) {
        if (number == Math.rint(number) && Math.abs(number) < 1L << 53) {
            json.put(name, (long) number);
        } else {
            json.put(name, number);
        }
    }
}
