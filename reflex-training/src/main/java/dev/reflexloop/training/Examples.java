package dev.reflexloop.training;

import java.util.Arrays;

/*
 * 300,000 examples of 25 tokens are 30 MB this way; a record per example would be several times that and would be
 * chased through the heap for every batch.
 */
/**
 * Labelled prompts in flat arrays. Filled once by one thread with {@link #add}, then only read.
 *
 * <p>An example is a prompt that ends with the token at which the action is read. Where a target was chosen, the
 * action's label token follows and the target is read there.
 */
final class Examples {

    /** No target was chosen. */
    static final int NO_TARGET = -1;

    private final int actions;
    private final int legalWords;
    private int count;
    private int longest;
    private int[] tokens = new int[1 << 12];
    private int tokenCount;
    private int[] start = new int[1 << 8];
    private int[] promptLength = new int[1 << 8];
    private short[] label = new short[1 << 8];
    private short[] target = new short[1 << 8];
    private short[] targets = new short[1 << 8];
    private int[] group = new int[1 << 8];
    private long[] legal;

    /** Makes an empty set for a schema with that many actions. */
    Examples(int actions) {
        this.actions = actions;
        this.legalWords = (actions + 63) / 64;
        this.legal = new long[legalWords << 8];
    }

    /**
     * Adds an example.
     *
     * @param prompt token ids, the last one is where the action is read
     * @param labelToken the chosen action's token, appended when there is a target
     * @param chosen index of the chosen action
     * @param legalActions bits of the legal actions, {@code chosen} among them
     * @param chosenTarget index of the chosen target or {@link #NO_TARGET}
     * @param offeredTargets how many targets were offered
     * @param episode number of the episode, which is held out as a whole
     */
    void add(
            int[] prompt,
            int labelToken,
            int chosen,
            long[] legalActions,
            int chosenTarget,
            int offeredTargets,
            int episode) {
        if (count == start.length) {
            grow();
        }
        boolean targeted = chosenTarget != NO_TARGET;
        int needed = tokenCount + prompt.length + (targeted ? 1 : 0);
        if (needed > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(needed, tokens.length + (tokens.length >> 1)));
        }
        start[count] = tokenCount;
        promptLength[count] = prompt.length;
        System.arraycopy(prompt, 0, tokens, tokenCount, prompt.length);
        tokenCount += prompt.length;
        if (targeted) {
            tokens[tokenCount++] = labelToken;
        }
        longest = Math.max(longest, tokenCount - start[count]);
        label[count] = (short) chosen;
        target[count] = (short) chosenTarget;
        targets[count] = (short) offeredTargets;
        group[count] = episode;
        System.arraycopy(legalActions, 0, legal, count * legalWords, legalWords);
        count++;
    }

    private void grow() {
        int capacity = start.length + (start.length >> 1);
        start = Arrays.copyOf(start, capacity);
        promptLength = Arrays.copyOf(promptLength, capacity);
        label = Arrays.copyOf(label, capacity);
        target = Arrays.copyOf(target, capacity);
        targets = Arrays.copyOf(targets, capacity);
        group = Arrays.copyOf(group, capacity);
        legal = Arrays.copyOf(legal, capacity * legalWords);
    }

    int count() {
        return count;
    }

    int actions() {
        return actions;
    }

    /** Length of the longest example in tokens. */
    int longest() {
        return longest;
    }

    int promptLength(int example) {
        return promptLength[example];
    }

    /** All tokens: the prompt, and the label token where a target was chosen. */
    int length(int example) {
        return promptLength[example] + (target[example] == NO_TARGET ? 0 : 1);
    }

    void copyTokens(int example, int[] into, int offset) {
        System.arraycopy(tokens, start[example], into, offset, length(example));
    }

    int label(int example) {
        return label[example];
    }

    int target(int example) {
        return target[example];
    }

    int targets(int example) {
        return targets[example];
    }

    int group(int example) {
        return group[example];
    }

    boolean legal(int example, int action) {
        return (legal[example * legalWords + (action >> 6)] >>> (action & 63) & 1) != 0;
    }

    /** A digest of everything that training sees, so that a checkpoint is only resumed on the same data. */
    long digest() {
        long hash = 1125899906842597L;
        for (int i = 0; i < tokenCount; i++) {
            hash = 31 * hash + tokens[i];
        }
        for (int i = 0; i < count; i++) {
            hash = 31 * hash + label[i];
            hash = 31 * hash + target[i];
            hash = 31 * hash + promptLength[i];
            hash = 31 * hash + group[i];
        }
        for (int i = 0; i < count * legalWords; i++) {
            hash = 31 * hash + legal[i];
        }
        return hash;
    }
}
