package dev.reflexloop.escalation.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Alert;
import dev.reflexloop.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is delivered, when, and what is counted. A worker moves the manual clock by waiting on it. */
class AlertRelayTest {
    private static final Delivery DOWN = Delivery.retry("it is down");

    private final ManualClock clock = new ManualClock();
    private final RecordingChannel channel = new RecordingChannel();

    private AlertRelay.Builder relay() {
        return AlertRelay.builder()
                .channel("test", channel)
                .clock(clock)
                .random(() -> 1.0)
                .closeWithin(Duration.ofSeconds(20));
    }

    @Test
    void raise_ofManyAlerts_deliversEachOnceInOrder() {
        List<String> ids = new ArrayList<>();
        AlertRelay relay = relay().build();
        for (int i = 0; i < 200; i++) {
            ids.add("a" + i);
            relay.raise(Alerts.alert("a" + i));
            relay.raise(Alerts.alert("a" + i / 2));
        }
        relay.close();

        assertThat(channel.ids()).isEqualTo(ids);
        assertThat(relay.stats().raised()).isEqualTo(400);
        assertThat(relay.stats().duplicates()).isEqualTo(200);
        assertThat(relay.stats().waiting()).isZero();
        assertThat(relay.stats().channels().get("test")).isEqualTo(new RelayStats.Channel(200, 0, 0));
        assertThat(channel.closed).isTrue();
    }

    @Test
    void delivery_thatFails_isRepeatedWithPausesThatDouble() {
        List<Duration> at = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            channel.does(() -> {
                at.add(clock.elapsed());
                return DOWN;
            });
        }
        AlertRelay relay =
                relay().pauses(Duration.ofSeconds(1), Duration.ofSeconds(10)).build();
        relay.raise(Alerts.alert("a"));
        relay.close();

        assertThat(at.stream().map(Duration::toSeconds)).containsExactly(0L, 1L, 3L, 7L, 15L, 25L, 35L);
        assertThat(relay.stats().channels().get("test")).isEqualTo(new RelayStats.Channel(1, 7, 0));
    }

    @Test
    void pauses_withTheLeastOfLuck_areHalfAsLong() {
        channel.says(DOWN, DOWN, DOWN);
        AlertRelay relay = relay().random(() -> 0.0).build();
        relay.raise(Alerts.alert("a"));
        relay.close();

        assertThat(clock.elapsed()).isEqualTo(Duration.ofMillis(3_500));
    }

    @Test
    void delivery_thatAsksForAPause_waitsThatLongButNoMoreThanAnHour() {
        channel.says(
                Delivery.retryAfter("429", Duration.ofSeconds(90)), Delivery.retryAfter("429", Duration.ofDays(9)));
        AlertRelay relay = relay().build();
        relay.raise(Alerts.alert("a"));
        for (int i = 0; i < 3; i++) {
            assertThat(channel.take().id()).isEqualTo("a");
        }
        relay.close();

        assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(90 + 3_600));
    }

    @Test
    void delivery_thatIsRefused_isGivenUpAtOnce() {
        channel.says(Delivery.refused("400"));
        AlertRelay relay = relay().build();
        relay.raise(Alerts.alert("a"));
        relay.raise(Alerts.alert("b"));
        relay.close();

        assertThat(channel.ids()).containsExactly("a", "b");
        assertThat(relay.stats().channels().get("test")).isEqualTo(new RelayStats.Channel(1, 0, 1));
    }

    @Test
    void delivery_thatFailsForADay_isGivenUp() {
        for (int i = 0; i < 25; i++) {
            channel.says(Delivery.retryAfter("429", Duration.ofHours(1)));
        }
        AlertRelay relay = relay().build();
        relay.raise(Alerts.alert("a"));
        for (int i = 0; i < 25; i++) {
            assertThat(channel.take().id()).isEqualTo("a");
        }
        relay.close();

        assertThat(clock.elapsed()).isEqualTo(Duration.ofDays(1));
        assertThat(relay.stats().channels().get("test")).isEqualTo(new RelayStats.Channel(0, 24, 1));
        assertThat(relay.stats().waiting()).isZero();
    }

    @Test
    void channel_thatThrowsOrReturnsNothing_isAskedAgain() {
        channel.does(() -> {
                    throw new IllegalStateException("broken");
                })
                .does(() -> {
                    throw new StackOverflowError();
                })
                .does(() -> null);
        AlertRelay relay = relay().build();
        relay.raise(Alerts.alert("a"));
        relay.close();

        assertThat(relay.stats().channels().get("test")).isEqualTo(new RelayStats.Channel(1, 3, 0));
    }

    @Test
    void pace_ofAChannel_isKeptInEveryStretchOfTime() {
        List<Duration> at = new ArrayList<>();
        RecordingChannel slow = new RecordingChannel(new Pace(5, Duration.ofSeconds(2)));
        for (int i = 0; i < 23; i++) {
            boolean down = i % 4 == 3;
            slow.does(() -> {
                at.add(clock.elapsed());
                return down ? DOWN : Delivery.delivered();
            });
        }
        AlertRelay relay = AlertRelay.builder()
                .channel("slow", slow)
                .clock(clock)
                .pauses(Duration.ofNanos(1), Duration.ofNanos(1))
                .build();
        for (int i = 0; i < 18; i++) {
            relay.raise(Alerts.alert("a" + i));
        }
        relay.close();

        assertThat(at).hasSize(23);
        for (int i = 5; i < at.size(); i++) {
            assertThat(at.get(i).minus(at.get(i - 5))).isGreaterThanOrEqualTo(Duration.ofSeconds(2));
        }
        assertThat(at.get(22)).as("and not slower than that").isLessThan(Duration.ofMillis(8_001));
    }

    @Test
    void channel_thatHangs_stopsNoOther() throws InterruptedException {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch cut = new CountDownLatch(1);
        channel.does(() -> {
            hanging.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException closing) {
                cut.countDown();
            }
            return DOWN;
        });
        RecordingChannel other = new RecordingChannel();
        AlertRelay relay = relay().channel("other", other)
                .closeWithin(Duration.ofMillis(50))
                .build();
        relay.raise(Alerts.alert("a"));
        relay.raise(Alerts.alert("b"));

        assertThat(hanging.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(other.take().id()).isEqualTo("a");
        assertThat(other.take().id()).isEqualTo("b");
        relay.close();

        assertThat(cut.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(relay.stats().dropped()).as("without a spool").isEqualTo(2);
        assertThat(relay.stats().waiting()).isZero();
    }

    @Test
    void raise_whenFull_dropsTheNewestAndCounts() throws InterruptedException {
        CountDownLatch free = new CountDownLatch(1);
        channel.does(() -> {
            try {
                free.await();
            } catch (InterruptedException unexpected) {
                throw new AssertionError(unexpected);
            }
            return Delivery.delivered();
        });
        AlertRelay relay = relay().capacity(3).build();
        for (int i = 0; i < 10; i++) {
            relay.raise(Alerts.alert("a" + i));
        }
        assertThat(relay.stats().dropped()).isEqualTo(7);
        free.countDown();
        relay.close();

        assertThat(channel.ids()).containsExactly("a0", "a1", "a2");
        assertThat(relay.stats().raised()).isEqualTo(10);
    }

    @Test
    void raise_afterClose_isDroppedAndCounted() {
        AlertRelay relay = relay().build();
        relay.close();
        relay.close();
        relay.raise(Alerts.alert("late"));

        assertThat(channel.ids()).isEmpty();
        assertThat(relay.stats().dropped()).isEqualTo(1);
    }

    @Test
    void raise_fromManyThreadsWhileItIsClosed_losesNothingUncounted() throws InterruptedException {
        for (int round = 0; round < 50; round++) {
            RecordingChannel quick = new RecordingChannel();
            AlertRelay relay = AlertRelay.builder().channel("quick", quick).build();
            List<Thread> threads = new ArrayList<>();
            CountDownLatch begun = new CountDownLatch(4);
            for (int t = 0; t < 4; t++) {
                String prefix = "t" + t + "-";
                Thread thread = new Thread(() -> {
                    begun.countDown();
                    for (int i = 0; i < 200; i++) {
                        relay.raise(Alerts.alert(prefix + i));
                    }
                });
                thread.start();
                threads.add(thread);
            }
            begun.await();
            relay.close();
            for (Thread thread : threads) {
                thread.join();
            }
            RelayStats stats = relay.stats();
            assertThat(stats.raised()).isEqualTo(800);
            assertThat(stats.channels().get("quick").delivered() + stats.dropped())
                    .isEqualTo(800);
            assertThat(stats.waiting()).isZero();
        }
    }

    @Test
    void alert_withAMegabyteInEveryPart_isCutAndDelivered() {
        String huge = Alerts.HOSTILE.repeat(10_000);
        AlertRelay relay = relay().build();
        relay.raise(new Alert(huge + "1", Alert.Level.INFO, huge, huge, Alerts.AT));
        relay.raise(new Alert(huge + "2", Alert.Level.INFO, huge, huge, Alerts.AT));
        relay.raise(new Alert(huge + "2", Alert.Level.INFO, huge, huge, Alerts.AT));
        relay.close();

        Alert first = channel.take();
        assertThat(first.text()).hasSize(8_192);
        assertThat(first.mission()).hasSize(256);
        assertThat(first.id()).hasSizeLessThanOrEqualTo(256);
        assertThat(channel.take().id()).as("ids that differ stay different").isNotEqualTo(first.id());
        assertThat(channel.ids()).isEmpty();
    }

    @Test
    void threads_ofARelay_areOursAndGoneAfterClose() {
        List<Thread> delivering = new ArrayList<>();
        channel.does(() -> {
            delivering.add(Thread.currentThread());
            return Delivery.delivered();
        });
        AlertRelay relay = relay().build();
        relay.raise(Alerts.alert("a"));
        channel.take();
        Thread thread = Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().equals("reflex-relay"))
                .findAny()
                .orElseThrow();
        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.getThreadGroup().getName()).isEqualTo("reflex");
        relay.close();

        assertThat(delivering).hasSize(1).noneMatch(Thread::isAlive);
        assertThat(delivering.get(0).getName()).isEqualTo("reflex-relay-test");
        assertThat(thread.isAlive()).isFalse();
    }

    @Test
    void builder_withoutAChannelOrWithTwoOfAName_isRefused() {
        assertThatThrownBy(() -> AlertRelay.builder().build()).hasMessageContaining("add one");
        assertThatThrownBy(() -> relay().channel("test", RelayChannel.log())).hasMessageContaining("'test'");
        assertThatThrownBy(() -> relay().channel("a b", RelayChannel.log())).hasMessageContaining("'a b'");
        assertThatThrownBy(() -> relay().capacity(0)).hasMessageContaining("capacity");
        assertThatThrownBy(() -> relay().timeout(Duration.ZERO)).hasMessageContaining("time-out");
    }
}
