package dev.reflexloop.console.decisions;

import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryRecord;
import dev.reflexloop.console.terminal.Bar;
import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.console.terminal.Text;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A decision as text for people: what was perceived and wanted, what was chosen how surely, and what came of it. */
public final class DecisionText {
    /** The likeliest action first; among equals, by name. */
    public static final Comparator<Map.Entry<String, Double>> LIKELIEST = Map.Entry.<String, Double>comparingByValue(
                    Comparator.reverseOrder())
            .thenComparing(Map.Entry.comparingByKey());

    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");
    private static final int MOST_FACTS = 40;
    private static final int MOST_ACTIONS = 16;
    private static final int WIDEST_NAME = 24;
    private static final int WIDEST_BAR = 40;
    private static final int WIDEST_RESULT = 100;
    private static final int INDENT = 2;

    private final TrajectoryRecord.Decided step;
    private final Ink ink;
    private final int columns;
    private final List<String> lines = new ArrayList<>();

    private DecisionText(LoggedDecision decision, Ink ink, int columns) {
        this.step = decision.step();
        this.ink = ink;
        this.columns = Math.max(40, columns);
    }

    /**
     * All of a decision that helps to judge it.
     *
     * @param decision the decision
     * @param ink the colours
     * @param columns how wide the lines may be; at least 40
     * @return the lines; nothing from the game in them moves the cursor
     */
    public static List<String> of(LoggedDecision decision, Ink ink, int columns) {
        DecisionText text = new DecisionText(decision, ink, columns);
        text.head(decision);
        text.perception();
        text.bars();
        text.outcome(decision);
        return text.lines;
    }

    /**
     * The probabilities as bars, the likeliest first, with a mark at what was served.
     *
     * @param decision the decision
     * @param ink the colours
     * @param columns how wide the lines may be; at least 40
     * @return a line for each action that has one; none where there are no probabilities
     */
    public static List<String> probabilities(LoggedDecision decision, Ink ink, int columns) {
        DecisionText text = new DecisionText(decision, ink, columns);
        text.bars();
        return text.lines;
    }

    private void head(LoggedDecision decision) {
        String at = CLOCK.withZone(ZoneId.systemDefault()).format(step.at());
        String who = Text.cut(Text.plain(step.perception().entity()), WIDEST_NAME);
        lines.add(ink.strong(who + " #" + step.perception().tick()) + "  " + ink.faint(at) + "  "
                + ink.faint(served(decision)));
        lines.add(ink.faint(Text.cut(Text.plain(decision.file().getFileName() + "  " + decision.id()), columns)));
        if (!step.goal().text().isEmpty()) {
            field("goal", step.goal().text());
        }
    }

    /**
     * By whom and how fast a decision was served.
     *
     * @param decision the decision
     * @return for instance {@code by nano in 3.4 ms} or {@code by fallback (deadline) in 200.1 ms}
     */
    public static String served(LoggedDecision decision) {
        TrajectoryRecord.Decided step = decision.step();
        StringBuilder text = new StringBuilder("by ");
        if (step.model().isPresent() && step.served() == Served.MODEL) {
            text.append(Text.cut(Text.plain(step.model().get()), WIDEST_NAME));
        } else {
            text.append(step.served().name().toLowerCase(Locale.ROOT));
        }
        step.because()
                .ifPresent(cause -> text.append(" (")
                        .append(cause.name().toLowerCase(Locale.ROOT).replace('_', ' '))
                        .append(')'));
        return text + String.format(Locale.ROOT, " in %.1f ms", step.latencyMicros() / 1_000.0);
    }

    private void field(String name, String value) {
        String plain = Text.plain(name);
        String indented =
                " ".repeat(INDENT) + Text.fit(plain, Math.min(WIDEST_NAME, Math.max(12, Text.width(plain)))) + ' ';
        lines.add(ink.faint(indented) + Text.cut(Text.plain(value), columns - Text.width(indented)));
    }

    private void perception() {
        Perception perception = step.perception();
        int shown = 0;
        for (Map.Entry<String, Fact> each : perception.facts().entrySet()) {
            if (shown++ == MOST_FACTS) {
                field("...", (perception.facts().size() - MOST_FACTS) + " more facts");
                break;
            }
            field(each.getKey(), value(each.getValue()));
        }
        for (int i = 0; i < Math.min(MOST_ACTIONS, perception.choices().size()); i++) {
            field("choice " + (i + 1), perception.choices().get(i));
        }
    }

    private static String value(Fact fact) {
        if (fact instanceof Fact.Text text) {
            return text.value();
        } else if (fact instanceof Fact.Flag flag) {
            return flag.value() ? "yes" : "no";
        } else if (fact instanceof Fact.Quantity quantity) {
            return number(quantity.value());
        }
        StringBuilder text = new StringBuilder();
        for (Map<String, Fact> each : ((Fact.Records) fact).records()) {
            text.append(text.isEmpty() ? "" : "; ");
            StringBuilder one = new StringBuilder();
            each.forEach((name, inner) -> one.append(one.isEmpty() ? "" : ", ")
                    .append(name)
                    .append(' ')
                    .append(value(inner)));
            text.append(one);
        }
        return text.isEmpty() ? "none" : text.toString();
    }

    private static String number(double value) {
        boolean isWhole = value == Math.rint(value) && Math.abs(value) < 1L << 53;
        return isWhole ? String.valueOf((long) value) : String.valueOf(value);
    }

    private void bars() {
        List<Map.Entry<String, Double>> likeliest = step.probabilities().entrySet().stream()
                .sorted(LIKELIEST)
                .limit(MOST_ACTIONS)
                .toList();
        int width = likeliest.stream()
                .mapToInt(each -> Text.width(Text.plain(each.getKey())))
                .max()
                .orElse(0);
        int name = Math.min(WIDEST_NAME, width);
        int bar = Math.min(WIDEST_BAR, columns - INDENT - name - 16);
        for (Map.Entry<String, Double> each : likeliest) {
            boolean isServed = each.getKey().equals(step.action());
            String label = Text.fit(Text.plain(each.getKey()), name);
            String figures = String.format(Locale.ROOT, " %5.1f %% ", each.getValue() * 100);
            lines.add(" ".repeat(INDENT)
                    + (isServed ? ink.strong(label) : label)
                    + figures
                    + ink.accent(Bar.of(each.getValue(), Math.max(1, bar)))
                    + (isServed ? " ◀" : ""));
        }
        if (!step.probabilities().containsKey(step.action())) {
            lines.add(
                    " ".repeat(INDENT) + ink.strong(Text.cut(Text.plain(step.action()), columns - INDENT - 2)) + " ◀");
        }
    }

    private void outcome(LoggedDecision decision) {
        if (decision.result().isEmpty()) {
            field("outcome", "not known yet");
            return;
        }
        field("outcome", result(decision.result().get()));
    }

    /**
     * What came of a decision.
     *
     * @param result what is known
     * @return for instance {@code reward +0.40 chosen entered_area (game)}
     */
    public static String result(LoggedDecision.Result result) {
        StringBuilder text = new StringBuilder();
        result.reward().ifPresent(reward -> text.append(String.format(Locale.ROOT, "reward %+.2f ", reward)));
        result.label().ifPresent(label -> text.append(label).append(' '));
        result.reasons().forEach(reason -> text.append(reason).append(' '));
        return Text.cut(Text.plain(text + "(" + result.closedBy() + ")"), WIDEST_RESULT);
    }
}
