package dev.reflexloop.examples.heartbeat;

import java.util.Optional;

/** Writes why a tick was judged as it was. Called on one thread that is not the tick's; may block, and is interrupted when it is late. */
@FunctionalInterface
interface Reasoning extends AutoCloseable {
    /** The most characters of a sentence that are kept. */
    int MOST = 240;

    /**
     * Explains a tick.
     *
     * @param prompt what to explain, and how
     * @return what was written, as it came
     * @throws Exception if nothing was
     */
    String write(String prompt) throws Exception;

    @Override
    default void close() {}

    /** What a model that writes is asked about a tick. */
    static String prompt(Tick tick) {
        Judgement judgement = tick.judgement();
        StringBuilder prompt = new StringBuilder(1_024).append("You watch a computer system. It looks like this:\n");
        prompt.append(Facts.lines(tick.decision().perception().facts()));
        prompt.append("The state was rated ").append(judgement.severity().label());
        prompt.append(judgement.actions().isEmpty() ? ", and nothing is done" : ", and this is done: ");
        prompt.append(String.join(", ", judgement.actions()));
        return prompt.append(".\nSay in one short sentence why.").toString();
    }

    /** The first sentence of a text, in one line of bounded length; empty when there is none. */
    static Optional<String> sentence(String text) {
        String flat = text.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
        int end = 0;
        while (end < flat.length() && !endsSentence(flat, end)) {
            end++;
        }
        String first = flat.substring(0, Math.min(Math.min(flat.length(), end + 1), MOST))
                .strip();
        return first.isEmpty() ? Optional.empty() : Optional.of(first);
    }

    private static boolean endsSentence(String text, int at) {
        boolean mark = ".!?".indexOf(text.charAt(at)) >= 0;
        return mark && (at + 1 == text.length() || text.charAt(at + 1) == ' ');
    }
}
