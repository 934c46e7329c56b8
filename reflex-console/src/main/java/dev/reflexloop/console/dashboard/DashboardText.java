package dev.reflexloop.console.dashboard;

import dev.reflexloop.console.terminal.Bar;
import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.console.terminal.Text;
import dev.reflexloop.console.terminal.Words;
import dev.reflexloop.escalation.InboxEntry;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An overview as lines: panels below each other, or in two columns where there is room. */
final class DashboardText {
    private static final int LEAST = 60;
    private static final int TWO_COLUMNS = 110;
    private static final int GUTTER = 3;
    private static final int NAME = 9;
    private static final int NUMBER = 11;
    private static final int SHARE = 9;
    private static final int MOST_ROWS = 8;
    private static final int MOST_PROBLEMS = 5;
    private static final long BUDGET_MICROS = 200_000;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9};
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    private final Overview overview;
    private final Ink ink;

    DashboardText(Overview overview, Ink ink) {
        this.overview = overview;
        this.ink = ink;
    }

    List<String> lines(int columns) {
        int width = Math.max(LEAST, columns);
        List<String> lines = new ArrayList<>(head(width));
        if (width < TWO_COLUMNS) {
            lines.addAll(decisionPanels(width));
            lines.addAll(otherPanels(width));
        } else {
            int left = (width - GUTTER) / 2;
            int right = width - GUTTER - left;
            lines.addAll(beside(decisionPanels(left), left, otherPanels(right)));
        }
        problems(lines, width);
        return lines;
    }

    private static List<String> beside(List<String> left, int width, List<String> right) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
            String first = i < left.size() ? left.get(i) : "";
            String second = i < right.size() ? right.get(i) : "";
            lines.add((Text.left(first, width) + " ".repeat(GUTTER) + second).stripTrailing());
        }
        return lines;
    }

    private List<String> head(int width) {
        String time = CLOCK.withZone(ZoneId.systemDefault()).format(overview.at());
        String window = overview.window().map(DashboardText::back).orElse("all there is");
        String what = Words.count(overview.files(), "log") + ", " + Words.size(overview.bytes()) + ", " + window;
        String title = "REFLEX";
        int room = width - title.length() - time.length() - 4;
        return List.of(ink.strong(title) + "  " + ink.faint(Text.fit(what, room)) + "  " + ink.faint(time), "");
    }

    private static String back(Duration window) {
        boolean isShort = window.compareTo(Duration.ofHours(2)) < 0;
        return "the last "
                + (isShort
                        ? Words.count(Math.max(1, window.toMinutes()), "minute")
                        : Words.count(window.toHours(), "hour"));
    }

    private List<String> decisionPanels(int width) {
        List<String> lines = new ArrayList<>();
        decisions(lines, width);
        models(lines, width);
        latency(lines, width);
        last(lines, width);
        return lines;
    }

    private List<String> otherPanels(int width) {
        List<String> lines = new ArrayList<>();
        title(lines, width, "MODELS");
        lines.addAll(new ModelLines(ink).of(overview.models(), width));
        lines.add("");
        loops(lines, width);
        escalations(lines, width);
        labels(lines, width);
        tokens(lines, width);
        return lines;
    }

    private void title(List<String> lines, int width, String title) {
        lines.add(ink.strong(ink.accent(title)) + ' ' + ink.faint("─".repeat(width - title.length() - 1)));
    }

    private void decisions(List<String> lines, int width) {
        LoopTally all = overview.decisions();
        long total = all.latencies.count();
        title(lines, width, "DECISIONS");
        if (total == 0) {
            lines.add(Text.cut("None yet: name trajectory logs, telemetry files or ticks.", width));
            lines.add("");
            return;
        }
        String bots = all.entities.size() == 1 ? "1 bot" : Words.count(all.entities.size()) + " bots";
        lines.add(Text.cut(
                Words.count(total) + " by " + bots + " in "
                        + Words.count(overview.loops().size(), "loop") + ", " + Words.count(all.escalated)
                        + " handed over",
                width));
        largestFirst(all.served).forEach(each -> {
            String name = each.getKey();
            double share = (double) each.getValue() / total;
            String numbers = Text.right(Words.count(each.getValue()), NUMBER) + Text.right(Words.percent(share), SHARE);
            String bar = Bar.of(share, width - NAME - numbers.length() - 1);
            lines.add(Text.fit(Text.plain(name), NAME) + ' ' + served(name, bar) + numbers);
            if (name.equals("FALLBACK")) {
                causes(lines, width, all.fallbackCauses);
            }
        });
        lines.add("");
    }

    private void causes(List<String> lines, int width, Map<String, Long> causes) {
        StringBuilder text = new StringBuilder();
        largestFirst(causes)
                .forEach(each -> text.append(text.isEmpty() ? "" : ", ")
                        .append(Text.plain(each.getKey())
                                .toLowerCase(Locale.ROOT)
                                .replace('_', ' '))
                        .append(' ')
                        .append(Words.count(each.getValue())));
        lines.add(" ".repeat(NAME + 1) + ink.faint(Text.cut(text.toString(), width - NAME - 1)));
    }

    private static List<Map.Entry<String, Long>> largestFirst(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(MOST_ROWS)
                .toList();
    }

    private String served(String name, String text) {
        return switch (name) {
            case "MODEL", "CACHE" -> ink.good(text);
            case "FALLBACK" -> ink.warning(text);
            default -> ink.accent(text);
        };
    }

    private void models(List<String> lines, int width) {
        if (overview.decisions().models.isEmpty()) {
            return;
        }
        title(lines, width, "BY MODEL");
        overview.decisions().models.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, Latencies> each) ->
                                each.getValue().count())
                        .reversed())
                .limit(MOST_ROWS)
                .forEach(each -> {
                    Latencies latencies = each.getValue();
                    String numbers = Text.right(Words.count(latencies.count()), NUMBER)
                            + "  p50 " + Text.right(Words.millis(latencies.percentile(50)), 5)
                            + "  p99 " + Text.right(Words.millis(latencies.percentile(99)), 5) + " ms";
                    lines.add(Text.fit(Text.plain(each.getKey()), width - numbers.length()) + numbers);
                });
        lines.add("");
    }

    private void latency(List<String> lines, int width) {
        Latencies latencies = overview.decisions().latencies;
        if (latencies.count() == 0) {
            return;
        }
        title(lines, width, "LATENCY IN MS");
        StringBuilder text = new StringBuilder();
        for (double percentile : PERCENTILES) {
            String name = percentile == Math.rint(percentile) ? "%.0f" : "%.1f";
            text.append(ink.faint("p" + String.format(Locale.ROOT, name, percentile)))
                    .append(' ')
                    .append(Words.millis(latencies.percentile(percentile)))
                    .append("  ");
        }
        text.append(ink.faint("max")).append(' ').append(Words.millis(latencies.max()));
        lines.add(text.toString());
        long above = latencies.above(BUDGET_MICROS);
        String over = Words.count(above) + " over 200 ms";
        lines.add(above > 0 ? ink.warning(over) : ink.good(over));
        lines.add("");
    }

    private void last(List<String> lines, int width) {
        Seen last = overview.decisions().last;
        if (last == null) {
            return;
        }
        title(lines, width, "LAST DECISION");
        String tick = last.tick() < 0 ? "" : " #" + last.tick();
        String aim = last.target().map(target -> " → " + target).orElse("");
        String because = last.because().map(cause -> " because " + cause).orElse("");
        lines.add(Text.cut(
                Text.plain(last.entity() + tick + ", "
                        + Words.ago(Duration.between(last.at(), overview.at())) + ", " + last.served() + because + ", "
                        + Words.millis(last.latencyMicros()) + " ms"),
                width));
        if (!last.probabilities().containsKey(last.action())) {
            lines.add(ink.strong(Text.cut("▸ " + Text.plain(last.action() + aim), width)));
        }
        int name = Math.min(width / 3, 24);
        last.probabilities().entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(MOST_ROWS)
                .forEach(each -> {
                    boolean taken = each.getKey().equals(last.action());
                    String label = (taken ? "▸ " : "  ") + Text.plain(each.getKey() + (taken ? aim : ""));
                    String bar = Bar.of(each.getValue(), width - name - SHARE - 1);
                    String row = Text.fit(label, name) + ' ';
                    String share = Text.right(Words.percent(each.getValue()), SHARE);
                    lines.add(
                            taken ? ink.strong(row) + ink.good(bar) + ink.strong(share) : row + ink.faint(bar) + share);
                });
        lines.add("");
    }

    private void loops(List<String> lines, int width) {
        title(lines, width, "LOOPS");
        lines.add(overview.active().size() + " active in the last minute, "
                + Words.count(overview.loops().size()) + " in all");
        overview.active().stream().limit(MOST_ROWS).forEach(name -> {
            LoopTally loop = overview.loops().get(name);
            Seen last = loop == null ? null : loop.last;
            if (loop != null && last != null) {
                String bots = loop.entities.size() == 1 ? last.entity() : loop.entities.size() + " bots";
                String numbers = Text.right(Words.count(loop.latencies.count()), NUMBER)
                        + Text.right(Words.ago(Duration.between(last.at(), overview.at())), NUMBER);
                lines.add(ink.good("● ")
                        + Text.fit(Text.plain(bots + "  " + name), width - numbers.length() - 2)
                        + numbers);
            }
        });
        lines.add("");
    }

    private void escalations(List<String> lines, int width) {
        title(lines, width, "ESCALATIONS");
        String pending = Words.count(overview.pending().size()) + " pending";
        lines.add((overview.pending().isEmpty() ? pending : ink.warning(pending))
                + ", " + Words.count(overview.answered()) + " answered, " + Words.count(overview.expired())
                + " expired");
        overview.pending().stream()
                .limit(MOST_ROWS)
                .forEach(entry -> lines.add("  " + Text.cut(words(entry), width - 2)));
        lines.add("");
    }

    private String words(InboxEntry entry) {
        String options = Words.count(entry.situation().options().size(), "option");
        return Text.plain(entry.entity() + " #" + entry.tick() + ", "
                + Words.ago(Duration.between(entry.at(), overview.at())) + ", " + options + ": "
                + entry.situation().words());
    }

    private void labels(List<String> lines, int width) {
        title(lines, width, "LABELS");
        FileTally.LabelCount people = overview.byPeople();
        FileTally.LabelCount play = overview.fromPlay();
        lines.add("by people  " + Words.count(people.chosen) + " chosen, " + Words.count(people.rejected)
                + " rejected, " + Words.count(people.skipped) + " skipped");
        lines.add("from play  " + Words.count(play.chosen) + " chosen, " + Words.count(play.rejected) + " rejected");
        lines.add("");
    }

    private void tokens(List<String> lines, int width) {
        overview.tokens().ifPresent(tokens -> {
            title(lines, width, "TOKENS");
            lines.add(Text.cut(
                    Words.count(tokens.input()) + " in, " + Words.count(tokens.output()) + " out, "
                            + Words.count(tokens.total()) + " in all; " + Words.count(tokens.sessions(), "session")
                            + ", " + tokens.active() + " active",
                    width));
            lines.add("");
        });
    }

    private void problems(List<String> lines, int width) {
        List<String> problems = new ArrayList<>();
        if (overview.skipped() > 0) {
            problems.add(Words.count(overview.skipped(), "line") + " could not be read and were left out");
        }
        problems.addAll(overview.problems());
        problems.stream()
                .limit(MOST_PROBLEMS)
                .forEach(problem -> lines.add(ink.warning(Text.cut("! " + Text.plain(problem), width))));
        if (problems.size() > MOST_PROBLEMS) {
            lines.add(ink.warning("! and " + (problems.size() - MOST_PROBLEMS) + " more"));
        }
    }
}
