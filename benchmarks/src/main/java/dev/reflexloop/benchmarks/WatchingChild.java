package dev.reflexloop.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Readers of a console's WebSocket in a process of their own, the last of which asks for nothing until it is told to stop. Its process prints a
 * line {@code ready} when all are connected, reads a line with the number of events that were published, waits until each reader has got as
 * many or been told that it lost them, and prints a line {@code figure NAME VALUE} for each figure. One thread at a time.
 */
final class WatchingChild implements AutoCloseable {
    private static final long LONGEST_WAIT_MILLIS = 60_000;

    private final Process process;
    private final BufferedReader lines;

    private WatchingChild(Process process) {
        this.process = process;
        this.lines = process.inputReader(StandardCharsets.UTF_8);
    }

    static WatchingChild start(URI server, int readers) {
        try {
            Process process = new ProcessBuilder(
                            System.getProperty("java.home") + "/bin/java",
                            "-Xmx256m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Benchmarks.class.getName(),
                            "watching",
                            "--server=" + server,
                            "--readers=" + readers)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            WatchingChild child = new WatchingChild(process);
            if (!"ready".equals(child.lines.readLine())) {
                child.close();
                throw new IllegalStateException("the readers of " + server + " could not connect");
            }
            return child;
        } catch (IOException failure) {
            throw new UncheckedIOException("the readers could not be started", failure);
        }
    }

    /** Lets the readers take what is left of so many events, and asks for what they got. */
    Map<String, Double> stop(long published) {
        Map<String, Double> figures = new LinkedHashMap<>();
        try {
            process.outputWriter(StandardCharsets.UTF_8)
                    .append(Long.toString(published))
                    .append('\n')
                    .flush();
            String line;
            while ((line = lines.readLine()) != null) {
                String[] words = line.split(" ", -1);
                figures.put(words[1], Double.parseDouble(words[2]));
            }
            return figures;
        } catch (IOException failure) {
            throw new UncheckedIOException("the readers could not be asked", failure);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }

    // ---- in the child

    static int run(List<String> arguments) throws InterruptedException {
        Options options = new Options("watching", arguments, Set.of("server", "readers"));
        URI server = URI.create(options.text("server", ""));
        URI telemetry = URI.create("ws://" + server.getHost() + ":" + server.getPort() + "/telemetry?before=0");
        int count = Math.toIntExact(options.number("readers", 4, 4));
        HttpClient client = HttpClient.newHttpClient();
        List<Reader> readers = new ArrayList<>();
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Reader reader = new Reader(i == count - 1);
            readers.add(reader);
            sockets.add(
                    client.newWebSocketBuilder().buildAsync(telemetry, reader).join());
        }
        System.out.println("ready");
        long published = published();
        sockets.get(count - 1).request(Long.MAX_VALUE);
        long deadline = System.nanoTime() + LONGEST_WAIT_MILLIS * 1_000_000;
        while (readers.stream().anyMatch(each -> each.known() < published) && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        Reader stalled = readers.get(count - 1);
        long unaccounted = readers.stream()
                .mapToLong(each -> Math.abs(published - each.known()))
                .sum();
        List<Reader> live = readers.subList(0, count - 1);
        print("readers", count);
        print(
                "liveReadersGot",
                live.stream().mapToLong(each -> each.events.get()).sum());
        print("liveReadersLost", live.stream().mapToLong(each -> each.lost).sum());
        print(
                "liveReadersFrames",
                live.stream().mapToLong(each -> each.frames.get()).sum());
        print("stalledReaderGot", stalled.events.get());
        print("stalledReaderLost", stalled.lost);
        print("unaccountedEvents", unaccounted);
        return 0;
    }

    private static long published() {
        try {
            return Long.parseLong(
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine());
        } catch (IOException failure) {
            throw new UncheckedIOException("the number of published events did not come", failure);
        }
    }

    private static void print(String name, long value) {
        System.out.println("figure " + name + " " + value);
    }

    /** Counts the events of frames without making objects of them, so that the readers do not take the processor that they measure. */
    private static final class Reader implements WebSocket.Listener {
        private static final Pattern EVENT = Pattern.compile("{\"at\":", Pattern.LITERAL);
        private static final Pattern LOST = Pattern.compile("\"lost\":(\\d+)\\}$");

        private final boolean stalled;
        private final StringBuilder frame = new StringBuilder();
        private final AtomicLong events = new AtomicLong();
        private final AtomicLong frames = new AtomicLong();
        private volatile long lost;

        Reader(boolean stalled) {
            this.stalled = stalled;
        }

        long known() {
            return events.get() + lost;
        }

        @Override
        public void onOpen(WebSocket socket) {
            if (!stalled) {
                socket.request(Long.MAX_VALUE);
            }
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
            frame.append(part);
            if (last) {
                Matcher each = EVENT.matcher(frame);
                long found = 0;
                while (each.find()) {
                    found++;
                }
                Matcher told = LOST.matcher(frame.substring(Math.max(0, frame.length() - 40)));
                if (told.find()) {
                    lost = Long.parseLong(told.group(1));
                }
                events.addAndGet(found);
                frames.incrementAndGet();
                frame.setLength(0);
            }
            return null;
        }
    }
}
