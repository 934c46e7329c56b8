package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ring, its subscribers and the file. */
class TelemetryBusTest {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    private Path folder;

    private static TelemetryEvent event(long tick) {
        return event("loop", "decision", "bot-" + tick % 2, tick);
    }

    private static TelemetryEvent event(String source, String event, String entity, long tick) {
        TelemetryEvent.Level level = tick % 3 == 0 ? TelemetryEvent.Level.WARN : TelemetryEvent.Level.INFO;
        return new TelemetryEvent(AT, level, source, event, entity, tick, Map.of());
    }

    private static List<Long> ticks(List<TelemetryEvent> events) {
        return events.stream().map(TelemetryEvent::tick).toList();
    }

    @Test
    void off_takesAndKeepsNothing() {
        TelemetryBus off = TelemetryBus.off();
        off.publish(event(1));
        assertThat(off.isOn()).isFalse();
        assertThat(off.published()).isZero();
        assertThat(off.query(TelemetryQuery.all())).isEmpty();
        off.close();
    }

    @Test
    void query_byEachOfThem_findsWhatFits() {
        TelemetryBus bus = TelemetryBus.builder().build();
        for (int tick = 0; tick < 12; tick++) {
            bus.publish(event(tick));
        }
        bus.publish(event("model", "lost", "", -1));

        TelemetryQuery all = TelemetryQuery.all();
        assertThat(bus.query(all)).hasSize(13);
        assertThat(ticks(bus.query(all.level(TelemetryEvent.Level.WARN)))).containsExactly(0L, 3L, 6L, 9L);
        assertThat(bus.query(all.source("model"))).hasSize(1);
        assertThat(bus.query(all.event("lost"))).hasSize(1);
        assertThat(ticks(bus.query(all.entity("bot-1").source("loop")))).containsExactly(1L, 3L, 5L, 7L, 9L, 11L);
        assertThat(ticks(bus.query(all.tick(7).entity("bot-1")))).containsExactly(7L);
        assertThat(bus.query(all.tick(7).entity("bot-0"))).isEmpty();
    }

    @Test
    void query_afterMany_findsTheNewestThatAreKept() {
        TelemetryBus bus = TelemetryBus.builder().keep(100).build();
        for (int tick = 0; tick < 50_000; tick++) {
            bus.publish(event(tick));
        }
        List<Long> kept = ticks(bus.query(TelemetryQuery.all()));
        assertThat(kept).hasSize(100).startsWith(49_900L).endsWith(49_999L).isSorted();
        assertThat(bus.published()).isEqualTo(50_000);
    }

    @Test
    void pages_whileMoreIsPublished_holdEachOldEventOnce() {
        TelemetryBus bus = TelemetryBus.builder().keep(100).build();
        for (int tick = 0; tick < 250; tick++) {
            bus.publish(event(tick));
        }
        List<Long> seen = new ArrayList<>();
        TelemetryBus.Page page = bus.page(TelemetryQuery.all().entity("bot-1"), Long.MAX_VALUE, 7);
        seen.addAll(ticks(page.events()));
        while (page.next().isPresent()) {
            bus.publish(event(1_000));
            page = bus.page(TelemetryQuery.all().entity("bot-1"), page.next().getAsLong(), 7);
            seen.addAll(ticks(page.events()));
        }
        List<Long> expected = new ArrayList<>();
        for (long tick = 249; tick > 150 + seen.size() / 7; tick -= 2) { // each page pushed one out of what is kept
            expected.add(tick);
        }
        assertThat(seen).containsExactlyElementsOf(expected);
    }

    @Test
    void page_ofAllThatIsOverwritten_isEmptyAndTheLast() {
        TelemetryBus bus = TelemetryBus.builder().keep(100).build();
        for (int tick = 0; tick < 50_000; tick++) {
            bus.publish(event(tick));
        }
        TelemetryBus.Page page = bus.page(TelemetryQuery.all(), 10, 7);
        assertThat(page.events()).isEmpty();
        assertThat(page.next()).isEmpty();
        assertThat(bus.page(TelemetryQuery.all(), -5, 7).events()).isEmpty();
        assertThat(ticks(bus.page(TelemetryQuery.all(), Long.MAX_VALUE, 3).events()))
                .containsExactly(49_999L, 49_998L, 49_997L);
    }

    @Test
    void file_ofABus_isTheOneThatWasNamed() {
        Path file = folder.resolve("named.jsonl");
        try (TelemetryBus bus = TelemetryBus.builder().file(file).build()) {
            assertThat(bus.file()).contains(file);
        }
        assertThat(TelemetryBus.builder().build().file()).isEmpty();
    }

    @Test
    void subscriber_thatKeepsUp_getsAllInOrderFromWhereItBegan() {
        TelemetryBus bus = TelemetryBus.builder().build();
        for (int tick = 0; tick < 10; tick++) {
            bus.publish(event(tick));
        }
        TelemetryBus.Subscription fromNow = bus.subscribe(TelemetryQuery.all(), 0);
        TelemetryBus.Subscription fromBefore =
                bus.subscribe(TelemetryQuery.all().entity("bot-0"), 4);
        bus.publish(event(10));
        bus.publish(event(11));

        assertThat(ticks(fromNow.poll(100))).containsExactly(10L, 11L);
        assertThat(ticks(fromBefore.poll(2))).containsExactly(6L, 8L);
        assertThat(ticks(fromBefore.poll(100))).containsExactly(10L);
        assertThat(fromBefore.poll(100)).isEmpty();
        assertThat(fromNow.lost() + fromBefore.lost()).isZero();
    }

    @Test
    void subscriber_thatFallsBehind_losesTheOldestAndIsToldHowMany() {
        TelemetryBus bus = TelemetryBus.builder().build();
        TelemetryBus.Subscription slow = bus.subscribe(TelemetryQuery.all(), 0);
        int count = 100_000;
        for (int tick = 0; tick < count; tick++) {
            bus.publish(event(tick));
        }
        List<Long> taken = ticks(slow.poll(Integer.MAX_VALUE));
        assertThat(taken).isNotEmpty().endsWith(count - 1L);
        assertThat(slow.lost()).isPositive().isEqualTo(count - taken.size());
        assertThat(taken).startsWith(slow.lost());
    }

    @Test
    void publishers_onManyThreads_reachAReaderOnceEachAndInTheirOrder() throws Exception {
        int threads = 4;
        int each = 30_000;
        TelemetryBus bus = TelemetryBus.builder().build();
        TelemetryBus.Subscription reader = bus.subscribe(TelemetryQuery.all(), 0);
        List<Thread> publishers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            String entity = "bot-" + i;
            publishers.add(ReflexThreads.create("publisher-" + i, () -> {
                for (int tick = 0; tick < each; tick++) {
                    bus.publish(event("loop", "decision", entity, tick));
                }
            }));
        }
        publishers.forEach(Thread::start);
        Map<String, Long> last = new HashMap<>();
        long taken = 0;
        boolean ended;
        do {
            ended = publishers.stream().noneMatch(Thread::isAlive);
            for (TelemetryEvent event : reader.poll(1_000)) {
                taken++;
                Long before = last.put(event.entity(), event.tick());
                assertThat(event.tick()).isGreaterThan(before == null ? -1 : before);
            }
        } while (!ended || taken + reader.lost() < (long) threads * each);
        for (Thread publisher : publishers) {
            publisher.join();
        }
        assertThat(taken + reader.lost()).isEqualTo((long) threads * each);
        assertThat(taken).isPositive();
    }

    @Test
    void file_holdsEveryEventInOrder_overRotationAndRestart() throws IOException {
        Path file = folder.resolve("deep/telemetry.jsonl");
        int each = 3_000;
        for (int run = 0; run < 2; run++) {
            TelemetryBus bus =
                    TelemetryBus.builder().file(file).rotateAt(100_000).build();
            try (bus) {
                for (int i = 0; i < each; i++) {
                    bus.publish(event((long) run * each + i));
                }
            }
            assertThat(bus.lost()).isZero();
        }
        List<Long> written = new ArrayList<>();
        for (Path part : parts(file)) {
            assertThat(Files.size(part)).isLessThan(400_000);
            for (String line : Files.readAllLines(part)) {
                written.add(TelemetryEvent.parse(line).tick());
            }
        }
        assertThat(parts(file)).hasSizeGreaterThan(2);
        assertThat(written).hasSize(2 * each).isSorted();
    }

    /** The rotated files by their numbers, then the newest. */
    private static List<Path> parts(Path file) throws IOException {
        List<Path> parts = new ArrayList<>();
        for (int i = 1; Files.exists(file.resolveSibling("telemetry." + i + ".jsonl")); i++) {
            parts.add(file.resolveSibling("telemetry." + i + ".jsonl"));
        }
        parts.add(file);
        try (Stream<Path> all = Files.list(file.resolveSibling(""))) {
            assertThat(all).hasSize(parts.size());
        }
        return parts;
    }

    @Test
    void file_withATornEnd_goesOnAfterTheLastWholeLine() throws IOException {
        Path file = folder.resolve("telemetry.jsonl");
        Files.writeString(file, event(1).toJson() + "\n{\"at\":\"2026");
        try (TelemetryBus bus = TelemetryBus.builder().file(file).build()) {
            bus.publish(event(2));
        }
        assertThat(Files.readAllLines(file).stream().map(TelemetryEvent::parse).map(TelemetryEvent::tick))
                .containsExactly(1L, 2L);
    }

    @Test
    void file_ofSomethingElse_isRefusedAndNotTouched() throws IOException {
        Path file = Files.writeString(folder.resolve("diary.txt"), "Dear diary");
        TelemetryBus.Builder builder = TelemetryBus.builder().file(file);
        assertThatThrownBy(builder::build)
                .isInstanceOf(ReflexException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("it exists and is no telemetry file");
        assertThat(file).hasContent("Dear diary");
    }

    @Test
    void file_thatIsDeletedWhileItIsWritten_isBegunAnew() throws IOException {
        Path file = folder.resolve("runs/telemetry.jsonl");
        try (TelemetryBus bus = TelemetryBus.builder().file(file).build()) {
            Files.delete(file);
            Files.delete(file.getParent());
            bus.publish(event(1));
        }
        assertThat(Files.readAllLines(file).stream().map(TelemetryEvent::parse).map(TelemetryEvent::tick))
                .containsExactly(1L);
    }

    @Test
    void file_thatIsALink_isRefused() throws IOException {
        Path target = Files.createFile(folder.resolve("target.jsonl"));
        Path file = Files.createSymbolicLink(folder.resolve("telemetry.jsonl"), target);
        TelemetryBus.Builder builder = TelemetryBus.builder().file(file);
        assertThatThrownBy(builder::build).isInstanceOf(ReflexException.class).hasMessageContaining("symbolic link");
        assertThat(target).isEmptyFile();
    }

    @Test
    void file_ofAnotherBus_isRefused() {
        Path file = folder.resolve("telemetry.jsonl");
        try (TelemetryBus bus = TelemetryBus.builder().file(file).build()) {
            assertThat(bus.isOn()).isTrue();
            TelemetryBus.Builder second = TelemetryBus.builder().file(file);
            assertThatThrownBy(second::build)
                    .isInstanceOf(ReflexException.class)
                    .hasMessageContaining("share that one");
        }
    }

    @Test
    void builder_withNonsense_saysWhatToGive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TelemetryBus.builder().keep(0))
                .withMessageContaining("give 1 to 1000000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TelemetryBus.builder().rotateAt(5))
                .withMessageContaining("at least 1024");
    }
}
