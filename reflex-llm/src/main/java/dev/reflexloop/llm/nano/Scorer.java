package dev.reflexloop.llm.nano;

import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.Target;
import dev.reflexloop.Timings;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Answers one question on the calling thread: prompt, forward pass over what changed, softmax over the labels. Thread-safe. */
final class Scorer {
    private static final int TOKENS_PER_LOOK = 256;

    private final String model;
    private final Transformer transformer;
    private final PromptBinding binding;
    private final CachePool caches;
    private final int mostTokens;
    private final boolean wholeVocabulary;

    Scorer(
            String model,
            Transformer transformer,
            PromptBinding binding,
            CachePool caches,
            int mostTokens,
            boolean wholeVocabulary) {
        this.model = model;
        this.transformer = transformer;
        this.binding = binding;
        this.caches = caches;
        this.mostTokens = mostTokens;
        this.wholeVocabulary = wholeVocabulary;
    }

    /**
     * Answers a question.
     *
     * @param question what is asked
     * @param queuedNanos how long it waited
     * @param work buffers of this thread, with its condition to stop
     * @return the answer, or null if it was stopped
     */
    @Nullable
    Answer answer(Question question, long queuedNanos, Workspace work) {
        long startedAt = System.nanoTime();
        work.countFromZero();
        int[] labels = new int[question.legal().size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = binding.label(question.schema(), question.legal().get(i));
        }
        PromptBinding.Prompt prompt = binding.prompt(question);
        checkLength(prompt.tokens().length);
        String entity = question.perception().entity();
        KeyValueCache cache = caches.borrow(entity);
        try {
            return answer(question, labels, prompt, cache, startedAt, queuedNanos, work);
        } finally {
            caches.giveBack(entity, cache);
        }
    }

    private void checkLength(int tokens) {
        if (tokens > mostTokens) {
            throw new ModelUnavailableException(
                    model,
                    "the prompt has " + tokens + " tokens and it takes " + mostTokens
                            + "; show fewer facts, or use a model with a longer context",
                    null);
        }
    }

    private @Nullable Answer answer(
            Question question,
            int[] labels,
            PromptBinding.Prompt prompt,
            KeyValueCache cache,
            long startedAt,
            long queuedNanos,
            Workspace work) {
        int[] tokens = prompt.tokens();
        int known = cache.commonPrefix(tokens, tokens.length);
        if (!cache.knows(cache.promptEnd(), tokens.length) || known < tokens.length) {
            known = Math.min(known, tokens.length - 1);
            if (!transformer.evaluate(cache, tokens, known, tokens.length, cache.promptEnd(), work)) {
                return null;
            }
        }
        double[] probabilities = new double[labels.length];
        double mass = score(cache.promptEnd().state, labels, probabilities, work);
        Map<String, Double> byAction = new LinkedHashMap<>();
        int best = 0;
        for (int i = 0; i < labels.length; i++) {
            byAction.put(question.legal().get(i).name(), probabilities[i]);
            best = probabilities[i] > probabilities[best] ? i : best;
        }
        Action chosen = question.legal().get(best);
        List<Target> targets = question.targets().getOrDefault(chosen.name(), List.of());
        Map<String, Map<String, Double>> byTarget = Map.of();
        if (!targets.isEmpty()) {
            PromptBinding.Prompt more = binding.targets(question, chosen);
            Map<String, Double> scored = targets(tokens, more.tokens(), targets, cache, work);
            if (scored == null) {
                return null;
            }
            byTarget = Map.of(chosen.name(), scored);
        }
        return new Answer(
                model,
                Optional.empty(),
                byAction,
                Double.isNaN(mass) ? OptionalDouble.empty() : OptionalDouble.of(mass),
                byTarget,
                Map.of(),
                Optional.of(prompt.text()),
                new Timings(queuedNanos, System.nanoTime() - startedAt, work.evaluated(), known));
    }

    /** The targets' probabilities, or null if it was stopped. Targets behind the last label get zero. */
    private @Nullable Map<String, Double> targets(
            int[] prompt, int[] continuation, List<Target> targets, KeyValueCache cache, Workspace work) {
        double[] probabilities = new double[] {1};
        int[] labels = binding.targetLabels(targets.size());
        if (targets.size() > 1 && labels.length > 0) {
            int[] tokens = Arrays.copyOf(prompt, prompt.length + continuation.length);
            System.arraycopy(continuation, 0, tokens, prompt.length, continuation.length);
            checkLength(tokens.length);
            int known = cache.commonPrefix(tokens, tokens.length);
            if (!cache.knows(cache.targetEnd(), tokens.length) || known < tokens.length) {
                known = Math.min(known, tokens.length - 1);
                if (!transformer.evaluate(cache, tokens, known, tokens.length, cache.targetEnd(), work)) {
                    return null;
                }
            }
            probabilities = new double[labels.length];
            score(cache.targetEnd().state, labels, probabilities, work);
        }
        Map<String, Double> byTarget = new LinkedHashMap<>();
        for (int i = 0; i < targets.size(); i++) {
            byTarget.put(targets.get(i).id(), i < probabilities.length ? probabilities[i] : 0.0);
        }
        return byTarget;
    }

    /**
     * A softmax over some labels.
     *
     * @return their share of the softmax over the whole vocabulary; NaN where that is not computed, or if it was stopped
     */
    double score(float[] state, int[] labels, double[] probabilities, Workspace work) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < labels.length; i++) {
            probabilities[i] = transformer.logit(state, labels[i]);
            max = Math.max(max, probabilities[i]);
        }
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            probabilities[i] = Math.exp(probabilities[i] - max);
            sum += probabilities[i];
        }
        for (int i = 0; i < labels.length; i++) {
            probabilities[i] /= sum;
        }
        return wholeVocabulary ? share(state, max, sum, work) : Double.NaN;
    }

    private double share(float[] state, double max, double sum, Workspace work) {
        int count = transformer.shape().vocabulary();
        float[] logits = work.logits;
        float highest = (float) max;
        for (int token = 0; token < count; token++) {
            if (token % TOKENS_PER_LOOK == 0 && work.stopped()) {
                return Double.NaN;
            }
            logits[token] = transformer.logit(state, token);
            highest = Math.max(highest, logits[token]);
        }
        double all = transformer.kernel().exponentials(logits, count, highest);
        return Math.min(1, sum * Math.exp(max - highest) / all);
    }
}
