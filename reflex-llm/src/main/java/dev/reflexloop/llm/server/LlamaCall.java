package dev.reflexloop.llm.server;

import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.Target;
import dev.reflexloop.Timings;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.Relay;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One question on its way: a slot, tokens, labels, the actions' scores, the targets' scores. Each step is an exchange of its own and
 * starts where the one before ended; cancelling ends the one in progress.
 *
 * <p>The targets have until shortly before the deadline. An answer without them is worth more than none, so their failure is not the call's.
 *
 * <p>A canceller and the thread that makes the next step look at each other's work in opposite order (done then step, step then done), so
 * one of them sees the other and ends the step.
 */
final class LlamaCall extends Relay<Answer> {
    /** What is left of the time that targets may take, so that the action is still served. */
    private static final int RESERVED_SHARE = 8;

    private final LlamaServerModel model;
    private final Question question;
    private final Deadline deadline;
    private final long startedAt = System.nanoTime();
    private volatile SlotTable.@Nullable Lease lease;
    private volatile Deadline until;
    private volatile boolean knowsActions;
    private Completion.Cost cost = Completion.Cost.NOTHING;
    private long queuedNanos;
    private Map<String, Double> actions = Map.of();
    private OptionalDouble legalMass = OptionalDouble.empty();
    private ServedPrompts.@Nullable Prompt prompt;

    LlamaCall(LlamaServerModel model, Question question, Deadline deadline) {
        this.model = model;
        this.question = question;
        this.deadline = deadline;
        this.until = deadline;
    }

    void start() {
        if (deadline.expired()) {
            end(new ModelBusyException(model.id(), "the deadline passed before it could be asked"));
            return;
        }
        CompletableFuture<ServedPrompts> prompts = model.prompts().copy();
        untilDeadline(prompts, "while its server was being asked what it serves");
        then(prompts, this::slot);
    }

    private void slot(ServedPrompts prompts) {
        String entity = question.perception().entity();
        CompletableFuture<SlotTable.Lease> slot = model.slots().lease(entity).orElse(null);
        if (slot == null) {
            end(new ModelBusyException(
                    model.id(),
                    "the slot of '" + entity + "', or every one of its "
                            + model.slots().size() + " slots, is at work; ask less often, or start the server with more"
                            + " slots (-np)"));
            return;
        }
        untilDeadline(slot, "while the server was busy with the call before, which was cut");
        Consumer<SlotTable.Lease> holding = held -> {
            lease = held;
            if (isDone()) {
                giveUp(); // cancelled before there was a slot to give back
            } else {
                tokenize(prompts);
            }
        };
        then(slot, holding, true);
    }

    /** Gives up at the deadline if something is not done by then. */
    private void untilDeadline(CompletableFuture<?> awaited, String why) {
        if (!awaited.isDone()) {
            model.atDeadline(deadline, () -> {
                if (!awaited.isDone()) {
                    end(new ModelBusyException(model.id(), "the deadline passed " + why));
                    awaited.cancel(false);
                }
            });
        }
    }

    private void tokenize(ServedPrompts prompts) {
        then(prompts.prompt(question, deadline), rendered -> {
            prompt = rendered;
            List<Action> legal = question.legal();
            if (legal.size() == 1) {
                actions = Map.of(legal.get(0).name(), 1.0);
                targets(prompts, rendered, legal.get(0));
            } else {
                then(
                        prompts.labels(question, legal, rendered, deadline),
                        labels -> score(rendered, labels, scores -> {
                            actions = byName(legal, Action::name, scores);
                            legalMass = scores.legalMass();
                            targets(prompts, rendered, legal.get(scores.best()));
                        }));
            }
        });
    }

    private void targets(ServedPrompts prompts, ServedPrompts.Prompt rendered, Action chosen) {
        List<Target> offered = question.targets().getOrDefault(chosen.name(), List.of());
        long left = deadline.remainingNanos();
        until = new Deadline(deadline.clock(), deadline.atNanos() - Math.max(0, left) / RESERVED_SHARE);
        knowsActions = true;
        if (offered.size() < 2) {
            answer(offered.isEmpty() ? Map.of() : Map.of(chosen.name(), certain(offered)));
            return;
        }
        then(
                prompts.targets(question, rendered, chosen, until),
                more -> then(prompts.targetLabels(offered.size(), more, until), labels -> {
                    if (labels.tokens().length == 0) {
                        answer(Map.of());
                    } else if (labels.tokens().length == 1) {
                        answer(Map.of(chosen.name(), certain(offered)));
                    } else {
                        score(
                                more,
                                labels,
                                scores -> answer(Map.of(chosen.name(), byName(offered, Target::id, scores))));
                    }
                }));
    }

    /** The first target is the only one that can be chosen. */
    private static Map<String, Double> certain(List<Target> offered) {
        Map<String, Double> byTarget = new LinkedHashMap<>();
        offered.forEach(target -> byTarget.put(target.id(), byTarget.isEmpty() ? 1.0 : 0.0));
        return byTarget;
    }

    /** By name in order; options behind the last label get zero. */
    private static <O> Map<String, Double> byName(List<O> options, Function<O, String> name, Completion.Scores scores) {
        Map<String, Double> byName = new LinkedHashMap<>();
        for (int i = 0; i < options.size(); i++) {
            byName.put(name.apply(options.get(i)), i < scores.probabilities().length ? scores.probabilities()[i] : 0.0);
        }
        return byName;
    }

    private void score(ServedPrompts.Prompt rendered, Labels labels, Consumer<Completion.Scores> next) {
        int[] tokens = rendered.tokens();
        if (tokens.length > model.mostPromptTokens()) {
            end(new ModelUnavailableException(
                    model.id(),
                    "the prompt has " + tokens.length + " tokens and it takes " + model.mostPromptTokens()
                            + "; show fewer facts, raise maxPromptTokens, or start the server with a larger context for each slot",
                    null));
            return;
        }
        SlotTable.Lease held = Objects.requireNonNull(lease, "lease");
        if (queuedNanos == 0) {
            queuedNanos = System.nanoTime() - startedAt;
        }
        if (!held.sends(tokens)) {
            return; // cancelled
        }
        boolean mass = model.asksLegalMass();
        then(
                model.client()
                        .postAndStream(
                                "/completion",
                                Completion.score(tokens, held.slot(), labels, mass),
                                until,
                                reply -> Completion.scores(reply, labels, mass)),
                scores -> {
                    cost = cost.plus(scores.cost());
                    next.accept(scores);
                });
        rendered.text(); // wanted for the answer, and made while the server is at work
    }

    private void answer(Map<String, Map<String, Double>> targets) {
        SlotTable.Lease held = lease;
        if (held != null) {
            held.release(); // before the answer is seen: whoever gets it may ask again at once
        }
        complete(of(targets));
    }

    private Answer of(Map<String, Map<String, Double>> targets) {
        return new Answer(
                model.id(),
                Optional.empty(),
                actions,
                legalMass,
                targets,
                Map.of(),
                Optional.of(Objects.requireNonNull(prompt, "prompt").text()),
                new Timings(queuedNanos, cost.nanos(), cost.evaluated(), cost.cached()));
    }

    private <T> void then(CompletableFuture<T> made, Consumer<T> next) {
        then(made, next, false);
    }

    /** @param always whether the next step is also taken when this was done meanwhile */
    private <T> void then(CompletableFuture<T> made, Consumer<T> next, boolean always) {
        follow(made);
        made.whenComplete((value, failure) -> {
            if (failure != null) {
                failStep(failure);
            } else if (always || !isDone()) {
                try {
                    next.accept(value);
                } catch (RuntimeException
                        | LinkageError
                        | AssertionError
                        | StackOverflowError unexpected) { // a renderer of the user's
                    failStep(unexpected);
                }
            }
        });
    }

    private void failStep(Throwable failure) {
        Throwable cause = root(failure);
        if (!isDone() && !until.expired() && !(cause.getCause() instanceof UnusableModelException)) {
            model.doubtServer();
        }
        end(cause);
    }

    private void end(Throwable cause) {
        giveUp();
        if (knowsActions) {
            complete(of(Map.of()));
        } else {
            completeExceptionally(cause);
        }
    }

    /** The server may still be at work for us. */
    private void giveUp() {
        SlotTable.Lease held = lease;
        if (held != null && held.cut()) {
            model.watch().look();
        }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            giveUp();
        }
        return cancelled;
    }
}
