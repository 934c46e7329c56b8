package dev.reflexloop.training;

import dev.reflexloop.TrajectoryRecord;
import dev.reflexloop.llm.PromptLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/*
 * The logs are read three times: for the schema and the sessions, to learn the layout, and to write every step in its
 * tokens. What stays in memory are the tokens, not the steps.
 */
/** What a training learns from: the prompt layout and the examples in its tokens. */
record DataSet(PromptLayout layout, Examples examples, int episodes, List<String> notices) {

    /** Tokens before the layout's own: unknown, begin, end, and one for each byte. */
    static final int FIRST_FUSED = 3 + 256;

    /** The token that begins every prompt. */
    static final int BEGIN = 1;

    private static final int FEWEST_SESSIONS = 10;
    private static final int BLOCKS = 50;
    private static final int SHORTEST_BLOCK = 20;

    /**
     * Reads the logs.
     *
     * @throws TrainingException if they hold nothing to learn from
     */
    static DataSet read(TrainingLogs logs, LayoutLearner.Options options, LabelSource source) {
        Map<String, Integer> sessions = new HashMap<>();
        logs.forEachStep(step -> sessions.merge(step.session(), 1, Integer::sum));
        LayoutLearner learner = new LayoutLearner(options, logs.actions());
        Map<String, Integer> index = indexOf(logs.actions());
        int[] usable = new int[1];
        logs.forEachStep(step -> {
            Integer label = index.get(label(step, source));
            if (label != null
                    && step.legal().size() > 1
                    && step.legal().contains(logs.actions().get(label))) {
                usable[0]++;
                learner.add(step, label);
            }
        });
        if (usable[0] == 0) {
            throw nothing(logs, source);
        }
        PromptLayout layout = learner.learn(logs.schema(), 0);
        if (layout.fields().isEmpty()) {
            throw new TrainingException(
                    TrainingException.Reason.UNUSABLE_DATA,
                    logs.schema(),
                    "No fact of the logged perceptions ever changes, so there is nothing to decide by; log more of what the"
                            + " bot senses",
                    null);
        }
        Encoder encoder = new Encoder(layout, index, source, sessions);
        logs.forEachStep(encoder::add);
        List<String> notices = new ArrayList<>(logs.notices());
        notices.addAll(learner.notices());
        notices.addAll(encoder.notices());
        return new DataSet(layout, encoder.examples, encoder.groups.size(), List.copyOf(notices));
    }

    /** Token ids of the action labels, in the schema's order. */
    int[] labelTokens() {
        int[] tokens = new int[layout.actions().size()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = FIRST_FUSED
                    + layout.index(PromptLayout.actionToken(layout.actions().get(i)));
        }
        return tokens;
    }

    /** Token ids of the target labels. */
    int[] targetTokens() {
        int[] tokens = new int[layout.targets()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = FIRST_FUSED + layout.index(PromptLayout.targetToken(i));
        }
        return tokens;
    }

    /** Number of tokens in the model's vocabulary. */
    int vocabulary() {
        return FIRST_FUSED + layout.tokens().size();
    }

    private static String label(TrajectoryRecord.Decided step, LabelSource source) {
        return source == LabelSource.TEACHER ? step.teacher().orElse(step.action()) : step.action();
    }

    private static Map<String, Integer> indexOf(List<String> actions) {
        Map<String, Integer> index = new HashMap<>();
        for (int i = 0; i < actions.size(); i++) {
            index.put(actions.get(i), i);
        }
        return index;
    }

    private static TrainingException nothing(TrainingLogs logs, LabelSource source) {
        return new TrainingException(
                TrainingException.Reason.UNUSABLE_DATA,
                logs.schema(),
                "None of the " + logs.steps()
                        + " logged steps can be learned from: each has one legal action only, or its "
                        + (source == LabelSource.TEACHER ? "teacher's action" : "action")
                        + " is not among the legal ones; log decisions that had a choice",
                null);
    }

    /** Writes steps in tokens. */
    private static final class Encoder {
        private final PromptLayout layout;
        private final Map<String, Integer> index;
        private final LabelSource source;
        private final boolean fewSessions;
        private final int blockLength;
        private final Examples examples;
        private final Map<String, Integer> groups = new HashMap<>();
        private final Map<String, Integer> seenInSession = new HashMap<>();
        private long forced;
        private long illegal;
        private long withTarget;
        private long withoutTeacher;

        Encoder(PromptLayout layout, Map<String, Integer> index, LabelSource source, Map<String, Integer> sessions) {
            this.layout = layout;
            this.index = index;
            this.source = source;
            this.fewSessions = sessions.size() < FEWEST_SESSIONS;
            long all = sessions.values().stream().mapToLong(Integer::longValue).sum();
            this.blockLength = (int) Math.max(SHORTEST_BLOCK, all / BLOCKS);
            this.examples = new Examples(layout.actions().size());
        }

        void add(TrajectoryRecord.Decided step) {
            String episode = episode(step);
            if (step.legal().size() < 2) {
                forced++;
                return;
            }
            String label = label(step, source);
            Integer chosen = index.get(label);
            if (chosen == null || !step.legal().contains(label)) {
                illegal++;
                return;
            }
            withTarget += step.target().isPresent() ? 1 : 0;
            withoutTeacher += source == LabelSource.TEACHER && step.teacher().isEmpty() ? 1 : 0;
            long[] legal = new long[(layout.actions().size() + 63) / 64];
            for (String action : step.legal()) {
                Integer bit = index.get(action);
                if (bit != null) {
                    legal[bit >> 6] |= 1L << (bit & 63);
                }
            }
            int[] fused = layout.encode(step.perception(), step.goal());
            int[] prompt = new int[fused.length + 1];
            prompt[0] = BEGIN;
            for (int i = 0; i < fused.length; i++) {
                prompt[i + 1] = FIRST_FUSED + fused[i];
            }
            int group = groups.computeIfAbsent(episode, key -> groups.size());
            examples.add(prompt, 0, chosen, legal, Examples.NO_TARGET, 0, group);
        }

        private String episode(TrajectoryRecord.Decided step) {
            if (!fewSessions) {
                return step.session();
            }
            int before = seenInSession.merge(step.session(), 1, Integer::sum) - 1;
            return step.session() + '\n' + before / blockLength;
        }

        List<String> notices() {
            List<String> notices = new ArrayList<>();
            if (fewSessions) {
                notices.add("the logs hold few sessions, so runs of " + blockLength
                        + " steps are held out instead of sessions; the held-out figures are a little too good");
            }
            if (forced > 0) {
                notices.add(forced + " steps had one legal action only and teach nothing");
            }
            if (illegal > 0) {
                notices.add(illegal + " steps were left out, because their action was not legal or not in the schema");
            }
            if (withoutTeacher > 0) {
                notices.add(
                        withoutTeacher + " steps name no teacher's action; the served one was taken for the right one");
            }
            if (withTarget > 0) {
                notices.add(withTarget + " steps chose a target; targets are not trained, because the logs do not hold"
                        + " what was offered");
            }
            return notices;
        }
    }
}
