package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.Served;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was decided about a state: its severity and any number of actions. Immutable.
 *
 * @param byModel whether a model rated it; the rules did otherwise
 * @param severity how bad it is, in the opinion of whoever rated it
 * @param ruleSeverity how bad it is by the hard-coded rules
 * @param words what is the matter, by the rules, for people
 * @param actions the actions to take, in the order of the configuration
 * @param byRule those among them that the rules chose, because no model answered
 * @param odds the probability that each action should be taken, empty where no model answered
 */
record Judgement(
        boolean byModel,
        Severity severity,
        Severity ruleSeverity,
        String words,
        List<String> actions,
        List<String> byRule,
        Map<String, Optional<Double>> odds) {
    private static final double YES = 0.5;

    Judgement {
        actions = List.copyOf(actions);
        byRule = List.copyOf(byRule);
        odds = new LinkedHashMap<>(odds);
    }

    /** Weighs a decision of the severity loop, whose side questions are named like the hooks. */
    static Judgement of(Decision decision, Rules rules, List<HookSettings> hooks) {
        Map<String, Finding> findings = rules.findings(decision.perception());
        boolean byModel = decision.served() == Served.MODEL;
        Severity byRules = Rules.worst(findings);
        Severity severity = Severity.of(decision.action().name()).orElse(byRules);
        List<String> actions = new ArrayList<>();
        List<String> byRule = new ArrayList<>();
        Map<String, Optional<Double>> odds = new LinkedHashMap<>();
        for (HookSettings hook : hooks) {
            Optional<Double> yes = decision.answer().filter(answer -> byModel).flatMap(answer -> yes(answer, hook));
            odds.put(hook.name(), yes);
            boolean ruled = yes.isEmpty()
                    && hook.rule().filter(rule -> applies(rule, findings)).isPresent();
            if (ruled) {
                byRule.add(hook.name());
            }
            if (ruled || yes.orElse(0.0) > YES) {
                actions.add(hook.name());
            }
        }
        return new Judgement(byModel, severity, byRules, Rules.words(findings), actions, byRule, odds);
    }

    /** The model's word on an action; none when it said nothing, or nothing that is a probability. */
    private static Optional<Double> yes(Answer answer, HookSettings hook) {
        Double yes = answer.sideAnswers().getOrDefault(hook.name(), Map.of()).get("yes");
        return yes != null && yes >= 0 && yes <= 1 ? Optional.of(yes) : Optional.empty();
    }

    private static boolean applies(HookSettings.HookRule rule, Map<String, Finding> findings) {
        Severity found = rule.probe()
                .map(probe -> findings.getOrDefault(probe, new Finding(Severity.OK, ""))
                        .severity())
                .orElseGet(() -> Rules.worst(findings));
        return !rule.from().worseThan(found);
    }

    /** What the tick's record says: the model's severity, or that the rules had to do. */
    String recordedSeverity() {
        return byModel ? severity.label() : "fallback";
    }
}
