package dev.reflexloop.escalation.langchain4j;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A reply while it is written. The chat model calls it from one thread at a time; another one waits for the end. */
final class StreamedReply implements StreamingChatResponseHandler {
    /** More of a reply is not read; what has no end is cut off. */
    private static final int MAX_TEXT = 1 << 20;

    /** A plan stands at the beginning, so the rest is not shown again with every token. */
    private static final int MAX_PLAN = 1 << 14;

    private final Consumer<String> plan;
    private final CompletableFuture<String> whole = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();
    private @Nullable StreamingHandle handle;
    private boolean cancelled;
    private boolean ended;

    StreamedReply(Consumer<String> plan) {
        this.plan = plan;
    }

    @Override
    public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
        synchronized (this) {
            handle = context.streamingHandle();
            if (cancelled) {
                handle.cancel();
                return;
            }
        }
        onPartialResponse(partial.text());
    }

    @Override
    public void onPartialResponse(String partial) {
        String soFar;
        synchronized (this) {
            if (cancelled) {
                return;
            }
            int before = text.length();
            text.append(partial);
            if (text.length() > MAX_TEXT) {
                whole.complete("");
            }
            if (before > MAX_PLAN) {
                return;
            }
            soFar = text.substring(0, Math.min(text.length(), MAX_PLAN));
        }
        plan.accept(soFar);
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
        ended();
        String said = response.aiMessage().text();
        whole.complete(said == null ? "" : said);
    }

    @Override
    public void onError(Throwable failure) {
        ended();
        whole.completeExceptionally(failure);
    }

    private synchronized void ended() {
        ended = true;
    }

    String await() throws InterruptedException, ExecutionException {
        return whole.get();
    }

    /** Ends what has not ended by itself. */
    synchronized void cancel() {
        cancelled = true;
        if (handle != null && !ended) {
            handle.cancel();
        }
    }
}
