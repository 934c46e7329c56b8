package dev.reflexloop.training;

import dev.reflexloop.Fact;
import dev.reflexloop.TrajectoryRecord;
import dev.reflexloop.llm.Bands;
import dev.reflexloop.llm.PromptField;
import dev.reflexloop.llm.PromptLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Learns from logged steps which fields a prompt needs: what kind each fact is, which bands or texts it has, and how
 * often it changes from one step of an entity to the next, which orders the fields from stable to volatile. One thread
 * at a time.
 */
final class LayoutLearner {

    private static final int ORDER_SAMPLE = 30_000;
    private static final int MOST_TEXTS = 4_096;

    /**
     * What the caller decides about the layout.
     *
     * @param bands band edges per number at most
     * @param texts texts per field that are told apart at most
     * @param slots records of a list that are shown at most
     * @param ignored facts that are left out
     * @param edges edges that a number must have; a field of records is {@code list.field}
     */
    record Options(int bands, int texts, int slots, Set<String> ignored, Map<String, double[]> edges) {}

    private final Options options;
    private final List<String> actions;
    private final Profile root = new Profile("");
    private final Map<String, Integer> goals = new HashMap<>();
    private final Map<String, List<TrajectoryRecord.Decided>> runs = new LinkedHashMap<>();
    private final List<String> notices = new ArrayList<>();
    private int sampled;
    private long steps;

    LayoutLearner(Options options, List<String> actions) {
        this.options = options;
        this.actions = List.copyOf(actions);
    }

    /** Takes a step into account; {@code label} is the index of the action that was right. */
    void add(TrajectoryRecord.Decided step, int label) {
        steps++;
        root.addAll(step.perception().facts(), label, options.ignored());
        goals.merge(step.goal().text(), 1, Integer::sum);
        if (sampled < ORDER_SAMPLE) {
            sampled++;
            runs.computeIfAbsent(step.session() + '\n' + step.perception().entity(), key -> new ArrayList<>())
                    .add(step);
        }
    }

    /** What was left out and why, after {@link #learn}. */
    List<String> notices() {
        return List.copyOf(notices);
    }

    /**
     * The layout of everything that was added.
     *
     * @param schema the schema's name
     * @param targets how many targets get labels
     */
    PromptLayout learn(String schema, int targets) {
        List<PromptField> fields = new ArrayList<>();
        if (goals.size() == 1 && !goals.containsKey("")) {
            notices.add("the goal is left out: it never changes");
        }
        if (goals.size() > 1) {
            List<String> texts = frequent(goals);
            texts.remove("");
            fields.add(new PromptField.Texts(PromptLayout.GOAL, texts));
        }
        for (Map.Entry<String, Profile> entry : root.fields.entrySet()) {
            if (entry.getKey().equals(PromptLayout.GOAL)) {
                notices.add("the fact '" + PromptLayout.GOAL + "' is left out, because the goal has that name");
                continue;
            }
            PromptField field = field(entry.getKey(), entry.getValue(), steps);
            if (field != null) {
                fields.add(field);
            }
        }
        for (String name : options.edges().keySet()) {
            if (!root.holdsNumber(name)) {
                notices.add("edges are declared for '" + name + "', which is a number in no step");
            }
        }
        Map<String, Double> change = new HashMap<>();
        for (PromptField field : fields) {
            change.put(field.name(), changeRate(schema, field));
        }
        fields.sort(Comparator.comparingDouble(field -> change.getOrDefault(field.name(), 1.0)));
        PromptLayout.Builder builder = PromptLayout.builder(schema, actions).targets(targets);
        fields.forEach(builder::field);
        return builder.build();
    }

    private @Nullable PromptField field(String name, Profile profile, long parents) {
        String shown = profile.name;
        boolean always = profile.count == parents;
        switch (profile.kind()) {
            case NUMBER -> {
                double[] declared = options.edges().getOrDefault(shown, new double[0]);
                if (profile.numbers.constant() && always && declared.length == 0) {
                    notices.add("'" + shown + "' is left out: it never changes");
                    return null;
                }
                double[] edges = profile.numbers.edges(Math.max(1, options.bands()), declared);
                return new PromptField.Numbers(name, Bands.at(edges.length == 0 ? new double[] {0} : edges));
            }
            case FLAG -> {
                if (always && (profile.trues == 0 || profile.trues == profile.count)) {
                    notices.add("'" + shown + "' is left out: it never changes");
                    return null;
                }
                return new PromptField.Flags(name);
            }
            case TEXT -> {
                List<String> texts = frequent(profile.texts);
                if (always && (profile.texts.size() == 1 || texts.isEmpty())) {
                    notices.add("'" + shown + "' is left out: it "
                            + (profile.texts.size() == 1 ? "never changes" : "never repeats"));
                    return null;
                }
                return new PromptField.Texts(name, texts);
            }
            default -> {
                return records(name, profile);
            }
        }
    }

    private PromptField records(String name, Profile profile) {
        int slots = Math.min(options.slots(), profile.mostRecords);
        List<PromptField> inner = new ArrayList<>();
        for (Map.Entry<String, Profile> entry : profile.fields.entrySet()) {
            PromptField field = field(entry.getKey(), entry.getValue(), profile.recordCount);
            if (field != null) {
                inner.add(field);
            }
        }
        if (profile.mostRecords > slots) {
            notices.add("'" + name + "' has up to " + profile.mostRecords + " records, of which the first " + slots
                    + " are shown");
        }
        return new PromptField.Records(name, slots, inner);
    }

    /** The most frequent texts that were seen at least twice, most frequent first, alphabetical among equals. */
    private List<String> frequent(Map<String, Integer> counts) {
        List<String> texts = new ArrayList<>();
        counts.entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(options.texts())
                .forEach(entry -> texts.add(entry.getKey()));
        return texts;
    }

    /** Share of steps in which the field's tokens differ from those of the entity's step before. */
    private double changeRate(String schema, PromptField field) {
        PromptLayout alone =
                PromptLayout.builder(schema, actions).targets(0).field(field).build();
        long changed = 0;
        long pairs = 0;
        for (List<TrajectoryRecord.Decided> run : runs.values()) {
            int[] before = new int[0];
            for (TrajectoryRecord.Decided step : run) {
                int[] now = alone.encode(step.perception(), step.goal());
                if (before.length > 0) {
                    pairs++;
                    changed += Arrays.equals(before, now) ? 0 : 1;
                }
                before = now;
            }
        }
        return pairs == 0 ? 1 : (double) changed / pairs;
    }

    private enum Kind {
        NUMBER,
        FLAG,
        TEXT,
        RECORDS
    }

    /** What was seen of one fact. */
    private static final class Profile {
        private final String name;
        private final long[] kinds = new long[Kind.values().length];
        private final NumberBands numbers = new NumberBands();
        private final Map<String, Integer> texts = new HashMap<>();
        private final Map<String, Profile> fields = new LinkedHashMap<>();
        private long count;
        private long trues;
        private long recordCount;
        private int mostRecords;

        Profile(String name) {
            this.name = name;
        }

        void addAll(Map<String, Fact> facts, int label, Set<String> ignored) {
            for (Map.Entry<String, Fact> entry : facts.entrySet()) {
                String full = name.isEmpty() ? entry.getKey() : name + "." + entry.getKey();
                if (!ignored.contains(full)) {
                    fields.computeIfAbsent(entry.getKey(), key -> new Profile(full))
                            .add(entry.getValue(), label, ignored);
                }
            }
        }

        private void add(Fact fact, int label, Set<String> ignored) {
            count++;
            if (fact instanceof Fact.Quantity quantity) {
                kinds[Kind.NUMBER.ordinal()]++;
                numbers.add(quantity.value(), label);
            } else if (fact instanceof Fact.Flag flag) {
                kinds[Kind.FLAG.ordinal()]++;
                trues += flag.value() ? 1 : 0;
            } else if (fact instanceof Fact.Text text) {
                kinds[Kind.TEXT.ordinal()]++;
                if (texts.size() < MOST_TEXTS || texts.containsKey(text.value())) {
                    texts.merge(text.value(), 1, Integer::sum);
                }
            } else if (fact instanceof Fact.Records records) {
                kinds[Kind.RECORDS.ordinal()]++;
                mostRecords = Math.max(mostRecords, records.records().size());
                for (Map<String, Fact> each : records.records()) {
                    recordCount++;
                    addAll(each, label, ignored);
                }
            }
        }

        boolean holdsNumber(String full) {
            return (name.equals(full) && kind() == Kind.NUMBER)
                    || fields.values().stream().anyMatch(field -> field.holdsNumber(full));
        }

        /** The kind that was seen most often. */
        Kind kind() {
            Kind most = Kind.NUMBER;
            for (Kind kind : Kind.values()) {
                if (kinds[kind.ordinal()] > kinds[most.ordinal()]) {
                    most = kind;
                }
            }
            return most;
        }
    }
}
