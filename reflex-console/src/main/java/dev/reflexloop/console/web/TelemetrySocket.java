package dev.reflexloop.console.web;

import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.jspecify.annotations.Nullable;

/**
 * One reader of the telemetry. What it is sent is made by the {@link TelemetryPump}'s thread alone; while a frame is still being written,
 * nothing is taken from the bus for it, so that a reader that stalls costs one frame and loses what the ring overwrites.
 *
 * <p>Public because Jetty calls only methods of public classes; nobody else can make one.
 */
public final class TelemetrySocket implements Session.Listener.AutoDemanding {
    private static final int TAKE = 16;
    private static final int MOST_CHARACTERS = 256 * 1_024;
    private static final long PING_NANOS = 20_000_000_000L;
    private static final int MOST_UNANSWERED = 3;
    private static final int TRY_AGAIN_LATER = 1013;

    private final TelemetryPump pump;
    private final TelemetryBus.Subscription subscription;
    private final Queue<TelemetryEvent> before;
    private volatile @Nullable Session session;
    private volatile boolean writing;
    private volatile boolean answered;
    private long told;
    private long sentAt = System.nanoTime();
    private int unanswered;

    /**
     * A reader.
     *
     * @param subscription its place, at the oldest event that is kept
     * @param mostBefore how many of the events that are there already it is to see, the newest ones
     */
    TelemetrySocket(TelemetryPump pump, TelemetryBus.Subscription subscription, int mostBefore) {
        this.pump = pump;
        this.subscription = subscription;
        // now, before the reader is answered: whatever comes later is news to it
        List<TelemetryEvent> there = subscription.poll(Integer.MAX_VALUE);
        this.before = new ArrayDeque<>(there.subList(Math.max(0, there.size() - mostBefore), there.size()));
    }

    @Override
    public void onWebSocketOpen(Session opened) {
        session = opened;
        if (!pump.enter(this)) {
            opened.close(TRY_AGAIN_LATER, "too many readers", Callback.NOOP);
        }
    }

    @Override
    public void onWebSocketText(String ignored) {
        // a reader has nothing to say
    }

    @Override
    public void onWebSocketPong(ByteBuffer payload) {
        answered = true;
    }

    @Override
    public void onWebSocketError(Throwable cause) {
        pump.leave(this);
    }

    @Override
    public void onWebSocketClose(int status, @Nullable String reason, Callback done) {
        pump.leave(this);
        done.succeed();
    }

    /** Ends it from our side. */
    void close(int status, String reason) {
        Session open = session;
        if (open != null) {
            open.close(status, reason, Callback.NOOP);
        }
    }

    /**
     * Sends what has come. The pump's thread only.
     *
     * @param rendered the events that were rendered in this round, for all readers
     * @param now the time in nanoseconds
     */
    void turn(Map<TelemetryEvent, String> rendered, long now) {
        Session open = session;
        if (open == null || writing || !open.isOpen()) {
            return;
        }
        StringBuilder frame = new StringBuilder("{\"events\":[");
        int empty = frame.length();
        append(frame, rendered);
        long lost = subscription.lost();
        if (frame.length() > empty || lost != told) {
            told = lost;
            sentAt = now;
            frame.append("],\"lost\":").append(lost).append('}');
            writing = true;
            open.sendText(frame.toString(), Callback.from(() -> writing = false, failure -> open.disconnect()));
        } else if (now - sentAt > PING_NANOS) {
            sentAt = now;
            ping(open);
        }
    }

    /** Asks a reader that hears nothing whether it is there; one that does not answer for long is dead. */
    private void ping(Session open) {
        unanswered = answered ? 0 : unanswered;
        answered = false;
        if (unanswered++ == MOST_UNANSWERED) {
            open.disconnect();
            return;
        }
        writing = true;
        open.sendPing(ByteBuffer.allocate(0), Callback.from(() -> writing = false, failure -> open.disconnect()));
    }

    private void append(StringBuilder frame, Map<TelemetryEvent, String> rendered) {
        int empty = frame.length();
        while (frame.length() < MOST_CHARACTERS) {
            List<TelemetryEvent> taken = before.isEmpty() ? subscription.poll(TAKE) : List.of(before.remove());
            if (taken.isEmpty()) {
                return;
            }
            for (TelemetryEvent event : taken) {
                if (frame.length() > empty) {
                    frame.append(',');
                }
                frame.append(rendered.computeIfAbsent(event, TelemetryEvent::toJson));
            }
        }
    }
}
