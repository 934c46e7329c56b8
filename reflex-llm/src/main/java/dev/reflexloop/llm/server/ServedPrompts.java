package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Action;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.PromptRenderer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Joins a renderer and a served vocabulary: prompts as tokens, labels as single tokens. Thread-safe; nothing blocks.
 *
 * <p>The server makes the tokens, so they are the model's own; and prompts are sent as tokens, because in a prompt that is sent as text
 * the server would form special tokens from what the game says.
 */
abstract class ServedPrompts {
    private static final int MOST_LABELS = 4_096;

    final String model;
    final ServerClient client;

    private ServedPrompts(String model, ServerClient client) {
        this.model = model;
        this.client = client;
    }

    /** A prompt as tokens, beginning-of-text token included, and as text, which is made when it is first asked for. Thread-safe. */
    static final class Prompt {
        private final int[] tokens;
        private final Supplier<String> writing;
        private volatile @Nullable String text;

        Prompt(int[] tokens, Supplier<String> writing) {
            this.tokens = tokens;
            this.writing = writing;
        }

        /** Not copied: nobody changes them. */
        int[] tokens() {
            return tokens;
        }

        String text() {
            String made = text;
            if (made == null) {
                made = writing.get();
                text = made;
            }
            return made;
        }
    }

    abstract CompletableFuture<Prompt> prompt(Question question, Deadline deadline);

    /** The prompt and what follows it once an action is chosen. */
    abstract CompletableFuture<Prompt> targets(Question question, Prompt prompt, Action chosen, Deadline deadline);

    /** The labels of some actions behind a prompt; fails when an action has none that is a single token. */
    abstract CompletableFuture<Labels> labels(
            Question question, List<Action> actions, Prompt prompt, Deadline deadline);

    /** The labels of the first targets behind a prompt; fewer than targets where the renderer has no more. */
    abstract CompletableFuture<Labels> targetLabels(int targets, Prompt prompt, Deadline deadline);

    /** Learns what a layout's tokens are; for any other renderer there is nothing to learn in advance. */
    static CompletableFuture<ServedPrompts> learn(
            String model, PromptRenderer renderer, ServerClient client, Deadline deadline) {
        return renderer instanceof PromptLayout layout
                ? Fused.learn(model, layout, client, deadline)
                : CompletableFuture.completedFuture(new Rendered(model, renderer, client));
    }

    final ModelUnavailableException unusable(String reason) {
        UnusableModelException why = new UnusableModelException(model, reason, null);
        return new ModelUnavailableException(model, reason, why);
    }

    final ModelUnavailableException noLabel(Question question, Action action) {
        return unusable("it has no label for action '" + action.name() + "' of schema '"
                + question.schema().name() + "'; use a renderer that has one, or a schema with fewer actions");
    }

    private static int[] tokens(JsonNode reply) throws IOException {
        JsonNode given = reply.path("tokens");
        if (!given.isArray()) {
            throw new IOException("the reply holds no list of tokens");
        }
        int[] tokens = new int[given.size()];
        for (int i = 0; i < tokens.length; i++) {
            JsonNode token = given.path(i).isObject() ? given.path(i).path("id") : given.path(i);
            if (!token.isInt() || token.asInt() < 0) {
                throw new IOException("the reply holds a token that is none");
            }
            tokens[i] = token.asInt();
        }
        return tokens;
    }

    /** What a text is with the beginning-of-text token; no special token is formed from it. */
    final CompletableFuture<Prompt> tokenize(String text, Deadline deadline) {
        return client.post(
                "/tokenize",
                Completion.tokenize(text, false),
                deadline,
                reply -> new Prompt(tokens(reply), () -> text));
    }

    /** A fused prompt: its tokens are looked up, nothing is tokenized. */
    private static final class Fused extends ServedPrompts {
        private static final int AT_A_TIME = 1_024;

        private final PromptLayout layout;
        private final int[] beginning;
        private final int[] ids;
        private final Map<String, Integer> actionLabels = new HashMap<>();

        private Fused(String model, PromptLayout layout, ServerClient client, int[] beginning, int[] ids) {
            super(model, client);
            this.layout = layout;
            this.beginning = beginning;
            this.ids = ids;
            layout.actions()
                    .forEach(action -> actionLabels.put(action, layout.index(PromptLayout.actionToken(action))));
        }

        static CompletableFuture<ServedPrompts> learn(
                String model, PromptLayout layout, ServerClient client, Deadline deadline) {
            int[] ids = new int[layout.tokens().size()];
            Fused fused = new Fused(model, layout, client, new int[0], ids);
            CompletableFuture<Boolean> learned = CompletableFuture.completedFuture(true);
            for (int from = 0; from < ids.length; from += AT_A_TIME) {
                int start = from;
                List<String> some = layout.tokens().subList(from, Math.min(ids.length, from + AT_A_TIME));
                learned = learned.thenCompose(before -> client.post(
                        "/tokenize",
                        Completion.tokenize(String.join("", some), true),
                        deadline,
                        reply -> fused.place(reply, some, start)));
            }
            return learned.thenCompose(placed -> fused.tokenize("", deadline))
                    .thenApply(empty -> new Fused(model, layout, client, empty.tokens(), ids));
        }

        private boolean place(JsonNode reply, List<String> some, int start) throws IOException {
            int[] tokens = tokens(reply);
            for (int i = 0; i < some.size(); i++) {
                String piece = reply.path("tokens").path(i).path("piece").asText("");
                if (!piece.equals(some.get(i))) {
                    throw unusable("'" + some.get(i) + "' of its prompt layout is no single token of the vocabulary of "
                            + client.endpoint() + "; serve the model that was trained with this layout");
                }
                ids[start + i] = tokens[i];
            }
            return true;
        }

        @Override
        CompletableFuture<Prompt> prompt(Question question, Deadline deadline) {
            int[] indexes = layout.encode(question.perception(), question.goal());
            int[] tokens = Arrays.copyOf(beginning, beginning.length + indexes.length);
            for (int i = 0; i < indexes.length; i++) {
                tokens[beginning.length + i] = ids[indexes[i]];
            }
            return CompletableFuture.completedFuture(new Prompt(tokens, () -> layout.text(indexes)));
        }

        @Override
        CompletableFuture<Prompt> targets(Question question, Prompt prompt, Action chosen, Deadline deadline) {
            String more = layout.renderTargets(question, chosen);
            int[] tokens = Arrays.copyOf(prompt.tokens(), prompt.tokens().length + 1);
            tokens[prompt.tokens().length] = ids[layout.index(more)];
            return CompletableFuture.completedFuture(new Prompt(tokens, () -> prompt.text() + more));
        }

        @Override
        CompletableFuture<Labels> labels(Question question, List<Action> actions, Prompt prompt, Deadline deadline) {
            int[] tokens = new int[actions.size()];
            List<String> texts = new ArrayList<>(tokens.length);
            for (int i = 0; i < tokens.length; i++) {
                Integer label = actionLabels.get(actions.get(i).name());
                if (label == null) {
                    return CompletableFuture.failedFuture(noLabel(question, actions.get(i)));
                }
                texts.add(layout.tokens().get(label));
                tokens[i] = ids[label];
            }
            return CompletableFuture.completedFuture(new Labels(tokens, texts));
        }

        @Override
        CompletableFuture<Labels> targetLabels(int targets, Prompt prompt, Deadline deadline) {
            int[] tokens = new int[Math.min(targets, layout.targets())];
            List<String> texts = new ArrayList<>(tokens.length);
            for (int i = 0; i < tokens.length; i++) {
                texts.add(PromptLayout.targetToken(i));
                tokens[i] = ids[layout.index(texts.get(i))];
            }
            return CompletableFuture.completedFuture(new Labels(tokens, texts));
        }
    }

    /** Text of any renderer. Each label is proven once: behind the prompt it adds exactly one token and changes none. */
    private static final class Rendered extends ServedPrompts {
        private final PromptRenderer renderer;
        private final Map<String, Integer> actionLabels = new ConcurrentHashMap<>();
        private final Map<String, Integer> targetLabels = new ConcurrentHashMap<>();

        Rendered(String model, PromptRenderer renderer, ServerClient client) {
            super(model, client);
            this.renderer = renderer;
        }

        @Override
        CompletableFuture<Prompt> prompt(Question question, Deadline deadline) {
            return tokenize(renderer.render(question), deadline);
        }

        @Override
        CompletableFuture<Prompt> targets(Question question, Prompt prompt, Action chosen, Deadline deadline) {
            return tokenize(prompt.text() + renderer.renderTargets(question, chosen), deadline);
        }

        @Override
        CompletableFuture<Labels> labels(Question question, List<Action> actions, Prompt prompt, Deadline deadline) {
            List<String> texts = new ArrayList<>(actions.size());
            for (Action action : actions) {
                Optional<String> label = renderer.label(question.schema(), action);
                if (label.isEmpty()) {
                    return CompletableFuture.failedFuture(noLabel(question, action));
                }
                texts.add(label.get());
            }
            return prove(texts, actionLabels, prompt, deadline);
        }

        @Override
        CompletableFuture<Labels> targetLabels(int targets, Prompt prompt, Deadline deadline) {
            List<String> texts = new ArrayList<>(targets);
            for (int i = 0; i < targets; i++) {
                Optional<String> label = renderer.targetLabel(i);
                if (label.isEmpty()) {
                    break;
                }
                texts.add(label.get());
            }
            return prove(texts, targetLabels, prompt, deadline);
        }

        private CompletableFuture<Labels> prove(
                List<String> texts, Map<String, Integer> proven, Prompt prompt, Deadline deadline) {
            Map<String, Integer> found = new HashMap<>();
            CompletableFuture<Void> rest = CompletableFuture.completedFuture(null);
            for (String text : texts) {
                Integer known = proven.get(text);
                if (known != null) {
                    found.put(text, known);
                } else {
                    rest = rest.thenCompose(before -> tokenize(prompt.text() + text, deadline))
                            .thenAccept(both -> found.put(text, single(text, prompt.tokens(), both.tokens())));
                }
            }
            return rest.thenApply(done -> {
                int[] tokens = texts.stream().mapToInt(found::get).toArray();
                if (Arrays.stream(tokens).distinct().count() < tokens.length) {
                    throw unusable(
                            "two of its labels " + texts + " are the same token; use a renderer that tells them apart");
                }
                if (proven.size() + found.size() <= MOST_LABELS) {
                    proven.putAll(found);
                }
                return new Labels(tokens, texts);
            });
        }

        private int single(String label, int[] prompt, int[] both) {
            if (both.length != prompt.length + 1 || Arrays.mismatch(prompt, both) != prompt.length) {
                int[] behind = Arrays.copyOfRange(both, Math.min(both.length, commonPrefix(prompt, both)), both.length);
                throw unusable("label '" + label + "' is the tokens " + Arrays.toString(behind)
                        + " behind the prompt and has to be a single one of its own; use a renderer whose labels are"
                        + " single tokens of this model's vocabulary, or another model");
            }
            return both[prompt.length];
        }

        private static int commonPrefix(int[] prompt, int[] both) {
            int mismatch = Arrays.mismatch(prompt, both);
            return mismatch < 0 ? prompt.length : mismatch;
        }
    }
}
