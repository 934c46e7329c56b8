package dev.reflexloop.escalation;

import dev.reflexloop.Situation;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which option an answer means.
 *
 * @param number counted from 1; 0 where there is none
 * @param problem why there is none
 */
record OptionMatch(int number, Optional<String> problem) {
    /** For an answer that chooses nothing. */
    static final OptionMatch NONE = new OptionMatch(0, Optional.empty());

    private static final Pattern NUMBERED = Pattern.compile(
            "(?:option\\s+)?\\(?(\\d{1,4})(?:\\s*[).:-]\\s*(.*))?", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final int MAX_QUOTED = 80;

    /**
     * Finds the option: by its words, by its action and target, by its action alone, by its number, or by its number and words. Two that
     * fit are none.
     */
    static OptionMatch of(String answer, List<Situation.Option> options) {
        String said = answer.strip();
        OptionMatch match = unique(options, each -> same(each.text(), said));
        if (match == null) {
            match = unique(
                    options,
                    each -> each.target().isPresent()
                            && same(each.action() + " " + each.target().get(), said));
        }
        if (match == null) {
            match = unique(options, each -> same(each.action(), said));
        }
        if (match == null) {
            match = numbered(said, options);
        }
        return match;
    }

    private static @Nullable OptionMatch unique(List<Situation.Option> options, Predicate<Situation.Option> fits) {
        int[] numbers = IntStream.rangeClosed(1, options.size())
                .filter(number -> fits.test(options.get(number - 1)))
                .toArray();
        return switch (numbers.length) {
            case 0 -> null;
            case 1 -> new OptionMatch(numbers[0], Optional.empty());
            default ->
                problem(numbers.length + " options are meant by this answer; answer with the number of one of them");
        };
    }

    private static OptionMatch numbered(String said, List<Situation.Option> options) {
        Matcher number = NUMBERED.matcher(said);
        String offered = options.isEmpty() ? "none are offered" : "1 to " + options.size() + " are offered";
        if (!number.matches()) {
            return problem("'" + Texts.cut(said, MAX_QUOTED) + "' is no option; " + offered);
        }
        int chosen = Integer.parseInt(number.group(1));
        if (chosen < 1 || chosen > options.size()) {
            return problem("there is no option " + chosen + "; " + offered);
        }
        Situation.Option option = options.get(chosen - 1);
        String words = number.group(2) == null ? "" : number.group(2).strip();
        if (!words.isEmpty() && !same(option.text(), words) && !same(option.action(), words)) {
            return problem("option " + chosen + " has other words than '" + Texts.cut(words, MAX_QUOTED) + "'");
        }
        return new OptionMatch(chosen, Optional.empty());
    }

    private static OptionMatch problem(String reason) {
        return new OptionMatch(0, Optional.of(reason));
    }

    private static boolean same(String text, String said) {
        return !said.isEmpty() && text.strip().equalsIgnoreCase(said);
    }
}
