package dev.reflexloop;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The policy that {@link EscalationPolicy.Builder} builds. Thread-safe as far as its rules are; only novelty has a state. */
final class RulePolicy implements EscalationPolicy {
    static final String YES = "yes";

    private final List<Builder.Rule> rules;
    private final List<Builder.Asked> asked;
    private final Map<Situation.Kind, Situation.Waiting> waiting;
    private final double marginBelow;
    private final double entropyAbove;
    private final double legalMassBelow;
    private final double probabilityBelow;
    private final @Nullable Novelty novelty;
    private final String settings;

    RulePolicy(Builder builder) {
        this.rules = List.copyOf(builder.rules);
        this.asked = List.copyOf(builder.asked);
        this.waiting = Map.copyOf(builder.waiting);
        this.marginBelow = builder.marginBelow;
        this.entropyAbove = builder.entropyAbove;
        this.legalMassBelow = builder.legalMassBelow;
        this.probabilityBelow = builder.probabilityBelow;
        this.novelty = builder.noveltyAfter < 0
                ? null
                : new Novelty(builder.noveltyAfter, builder.noveltyOverAll, builder.numbersBeyond);
        this.settings = settings(builder);
    }

    @Override
    public String settings() {
        return settings;
    }

    private static String settings(Builder builder) {
        StringJoiner text = new StringJoiner(", ");
        text.add("when=" + builder.rules.stream().map(Builder.Rule::kind).toList());
        text.add("marginBelow=" + builder.marginBelow);
        text.add("entropyAbove=" + (Double.isInfinite(builder.entropyAbove) ? "never" : builder.entropyAbove));
        text.add("legalMassBelow=" + builder.legalMassBelow);
        text.add("probabilityBelow=" + builder.probabilityBelow);
        builder.asked.forEach(each -> text.add("askModel=" + each.question().text() + " from " + each.atLeast()));
        if (builder.noveltyAfter >= 0) {
            text.add("noveltyAfter=" + builder.noveltyAfter);
            text.add("noveltyOverAll=" + builder.noveltyOverAll);
            text.add("numbersBeyond=" + builder.numbersBeyond);
        }
        return text.add("waiting=" + builder.waiting).toString();
    }

    @Override
    public List<SideQuestion> sideQuestions() {
        return asked.stream().map(Builder.Asked::question).toList();
    }

    @Override
    public Optional<Situation> recognize(Question question) {
        Perception perception = question.perception();
        for (Builder.Rule rule : rules) {
            if (rule.when().test(perception)) {
                return Optional.of(situation(
                        rule.kind(),
                        rule.words().apply(perception),
                        rule.options().apply(question)));
            }
        }
        return Optional.empty();
    }

    /** Novelty first, because it learns from every answer, then the measures, then what the model itself says. */
    @Override
    public Optional<Situation> doubt(Question question, Answer answer) {
        String news = novelty == null ? null : novelty.look(question.perception());
        if (news != null) {
            return Optional.of(situation(Situation.Kind.NOVELTY, "Never seen before: " + news, question));
        }
        Doubt doubt = Doubt.of(answer, question.legal());
        double mass = doubt.legalMass().orElse(1);
        if (doubt.margin() < marginBelow
                || doubt.entropy() > entropyAbove
                || mass < legalMassBelow
                || doubt.probability() < probabilityBelow) {
            return Optional.of(situation(Situation.Kind.DOUBT, words(doubt), question));
        }
        for (Builder.Asked each : asked) {
            Double yes = answer.sideAnswers()
                    .getOrDefault(each.question().id(), Map.of())
                    .get(YES);
            if (yes != null && yes >= each.atLeast()) {
                String words = "The reflex says yes to: " + each.question().text();
                return Optional.of(situation(Situation.Kind.ASKED, words, question));
            }
        }
        return Optional.empty();
    }

    private static String words(Doubt doubt) {
        String mass = doubt.legalMass().isPresent()
                ? String.format(
                        Locale.ROOT, ", legal mass %.3f", doubt.legalMass().getAsDouble())
                : "";
        return String.format(
                Locale.ROOT,
                "The reflex is in doubt: probability of its favourite %.3f, margin %.3f, entropy %.3f%s",
                doubt.probability(),
                doubt.margin(),
                doubt.entropy(),
                mass);
    }

    private Situation situation(Situation.Kind kind, String words, Question question) {
        return situation(kind, words, Situation.Option.legalActions(question));
    }

    private Situation situation(Situation.Kind kind, String words, List<Situation.Option> options) {
        return new Situation(kind, words, options, waiting.getOrDefault(kind, Situation.Waiting.FALLBACK));
    }
}
