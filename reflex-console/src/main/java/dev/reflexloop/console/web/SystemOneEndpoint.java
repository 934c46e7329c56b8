package dev.reflexloop.console.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code /v1/systemone}: lets any System One client ask the reflex's model. At most eight requests are worked on at a time, each for ten
 * seconds at most; what is unanswered then is cancelled. Thread-safe.
 */
final class SystemOneEndpoint implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MOST_REQUESTS = 8;
    private static final int MOST_CALLS = 4;

    private final ReflexModel model;
    private final Semaphore requests = new Semaphore(MOST_REQUESTS);

    SystemOneEndpoint(ReflexModel model) {
        this.model = ReflexModel.limited(new Borrowed(model), MOST_CALLS);
    }

    /** A model that is not ours to close. */
    private record Borrowed(ReflexModel model) implements ReflexModel {
        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            return model.ask(question, deadline);
        }

        @Override
        public String id() {
            return model.id();
        }

        @Override
        public boolean returnsAtOnce() {
            return model.returnsAtOnce();
        }
    }

    static void missing(Exchange exchange) {
        exchange.object();
        throw new Refusal(501, "there is no model here; start the server with one, for instance by --model model.gguf");
    }

    void answer(Exchange exchange) {
        Map<String, SystemOneQuestion> questions = SystemOneQuestion.read(exchange.object());
        if (!requests.tryAcquire()) {
            throw new Refusal(429, MOST_REQUESTS + " requests are being answered; ask again when one is done");
        }
        Map<String, CompletableFuture<Answer>> asked = new LinkedHashMap<>();
        try {
            Deadline deadline = Deadline.in(PATIENCE, ReflexClock.system());
            questions.forEach((id, each) -> asked.put(id, model.ask(each.question(), deadline)));
            exchange.answer(200, reply(questions, asked, deadline));
        } finally {
            asked.values().forEach(each -> each.cancel(true));
            requests.release();
        }
    }

    private static JsonNode reply(
            Map<String, SystemOneQuestion> questions, Map<String, CompletableFuture<Answer>> asked, Deadline deadline) {
        ObjectNode reply = Exchange.newObject();
        ObjectNode answers = Exchange.newObject();
        long tokens = 0;
        for (Map.Entry<String, CompletableFuture<Answer>> each : asked.entrySet()) {
            SystemOneQuestion question = questions.get(each.getKey());
            Answer answer = await(each.getValue(), deadline);
            if (question == null || !answer.isSoundFor(question.question())) {
                throw new Refusal(503, "the model gave no sound answer to '" + Exchange.shown(each.getKey()) + "'");
            }
            answers.set(each.getKey(), question.json(answer));
            tokens +=
                    answer.timings().evaluatedTokens() + (long) answer.timings().cachedTokens();
            reply.put("model", answer.model());
        }
        reply.set("answers", answers);
        ObjectNode usage = reply.putObject("usage");
        if (tokens > 0) {
            usage.put("input_tokens", tokens);
        }
        usage.put("output_tokens", 0);
        return reply;
    }

    private static Answer await(CompletableFuture<Answer> asked, Deadline deadline) {
        try {
            return asked.get(Math.max(1, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new Refusal(
                    503, "the model did not answer within " + PATIENCE.toSeconds() + " s; ask less at a time");
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
            throw new Refusal(503, "the console is being closed");
        } catch (CancellationException cancelled) {
            throw new Refusal(503, "the model gave the question up; ask again");
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            if (cause instanceof ModelBusyException) {
                throw new Refusal(429, "the model is busy; ask again");
            }
            if (cause instanceof ModelUnavailableException) {
                throw new Refusal(503, Exchange.shown(String.valueOf(cause.getMessage())));
            }
            throw new Refusal(501, "the model cannot answer this question: " + Exchange.shown(String.valueOf(cause)));
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
