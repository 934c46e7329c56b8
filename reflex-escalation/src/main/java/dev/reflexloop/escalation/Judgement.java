package dev.reflexloop.escalation;

import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.Signal;
import dev.reflexloop.Situation;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an answer to a known escalation comes to. Immutable.
 *
 * @param verdict what is said to whoever answered
 * @param option the number of the option that was chosen, from 1; 0 where there is none
 */
record Judgement(AnswerVerdict verdict, int option) {

    static Judgement of(InboxState.Held held, StrategistReply reply, boolean somebodyListens, Duration lease) {
        boolean stops = reply.signal() == Signal.FORCED_STOP; // whatever else it says would set the bot going again
        Optional<String> goal = stops ? Optional.empty() : reply.goal().filter(text -> !text.isBlank());
        Optional<String> choice = stops ? Optional.empty() : reply.choice();
        OptionMatch match = choice.map(
                        text -> OptionMatch.of(text, held.submitted.situation().options()))
                .orElse(OptionMatch.NONE);
        AnswerVerdict refusal = refusal(held, reply, match, goal, somebodyListens);
        return refusal == null
                ? new Judgement(taken(held, match.number(), goal, lease), match.number())
                : new Judgement(refusal, 0);
    }

    private static @Nullable AnswerVerdict refusal(
            InboxState.Held held,
            StrategistReply reply,
            OptionMatch match,
            Optional<String> goal,
            boolean somebodyListens) {
        if (held.answered != null) {
            return AnswerVerdict.refused(
                    AnswerVerdict.Kind.ALREADY_ANSWERED,
                    "escalation '" + held.id() + "' was answered by " + held.answered.by());
        }
        if (held.expired != null) {
            return AnswerVerdict.refused(
                    AnswerVerdict.Kind.EXPIRED, "escalation '" + held.id() + "' waited too long and is over");
        }
        if (reply.isParseFailure()) {
            return AnswerVerdict.refused(
                    AnswerVerdict.Kind.UNREADABLE,
                    "the answer is neither one JSON object nor one line; give {\"answer\": 2}");
        }
        if (match.problem().isPresent()) {
            return AnswerVerdict.refused(
                    AnswerVerdict.Kind.NOT_OFFERED, match.problem().get());
        }
        if (match.number() == 0 && goal.isEmpty() && reply.signal() != Signal.FORCED_STOP) {
            return AnswerVerdict.refused(
                    AnswerVerdict.Kind.EMPTY,
                    "the answer chooses no option and sets no goal; give \"answer\" with an option's number, or \"goal\"");
        }
        return somebodyListens
                ? null
                : AnswerVerdict.refused(
                        AnswerVerdict.Kind.NOBODY_LISTENS,
                        "nobody takes guidance for '" + held.submitted.entity()
                                + "'; call inbox.guides(loop::guide), and answer again");
    }

    private static AnswerVerdict taken(InboxState.Held held, int number, Optional<String> goal, Duration lease) {
        Optional<Situation.Option> option = held.option(number);
        Guidance guidance = new Guidance(
                held.id() + "-g",
                Optional.of(held.latestId()),
                option.map(Situation.Option::action),
                option.flatMap(Situation.Option::target),
                goal.map(Goal::of),
                lease);
        return new AnswerVerdict(
                AnswerVerdict.Kind.TAKEN,
                option.map(chosen -> "option " + number + " was taken: " + chosen.action())
                        .orElse(goal.isPresent() ? "the goal was taken" : "the mission is stopped"),
                Optional.of(guidance));
    }
}
