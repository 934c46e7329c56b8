package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SlotTableTest {
    private final SlotTable slots = new SlotTable();

    @BeforeEach
    void twoSlots() {
        slots.resize(2);
    }

    private SlotTable.Lease lease(String entity) {
        return slots.lease(entity).orElseThrow().join();
    }

    private int once(String entity) {
        SlotTable.Lease lease = lease(entity);
        lease.sends(new int[] {1});
        lease.release();
        return lease.slot();
    }

    @Test
    void lease_again_isTheSameSlot() {
        assertThat(once("a")).isNotEqualTo(once("b"));
        assertThat(once("a")).isEqualTo(once("a"));
    }

    @Test
    void lease_newEntity_takesTheSlotThatWasUsedLeastRecently() {
        int first = once("a");
        int second = once("b");
        once("a");

        assertThat(once("c")).isEqualTo(second);
        assertThat(once("a")).isEqualTo(first);
        assertThat(once("b")).isEqualTo(second);
    }

    @Test
    void lease_whileOwnSlotIsAtWork_isRefusedThoughAnotherOneIsFree() {
        lease("a");

        assertThat(slots.lease("a")).isEmpty();
        assertThat(slots.lease("b")).isPresent();
        assertThat(slots.lease("c")).isEmpty();
    }

    @Test
    void cut_afterSending_keepsTheSlotUntilItIsProvenFree() {
        SlotTable.Lease lease = lease("a");
        lease.sends(new int[] {1, 2});

        assertThat(lease.cut()).isTrue();
        assertThat(lease.cut()).isFalse();
        assertThat(slots.isIdle("a")).isFalse();
        CompletableFuture<SlotTable.Lease> next = slots.lease("a").orElseThrow();
        assertThat(next).isNotDone();
        assertThat(slots.lease("a")).as("a second one that waits").isEmpty();

        slots.proven(slots.inDoubt());
        assertThat(slots.inDoubt()).isEqualTo(new BitSet());
        assertThat(next.join().slot()).isEqualTo(lease.slot());
        assertThat(slots.lease("a")).isEmpty();
    }

    @Test
    void cut_beforeSending_freesTheSlot() {
        SlotTable.Lease lease = lease("a");

        assertThat(lease.cut()).isFalse();
        assertThat(lease.sends(new int[] {1})).isFalse();
        assertThat(slots.lease("a").orElseThrow()).isDone();
    }

    @Test
    void release_afterCut_doesNotFreeTheSlot() {
        SlotTable.Lease lease = lease("a");
        lease.sends(new int[] {1});
        lease.cut();
        lease.release();

        assertThat(slots.lease("a").orElseThrow()).isNotDone();
    }

    @Test
    void proven_whoWaitedGaveUp_leavesTheSlotFree() {
        SlotTable.Lease lease = lease("a");
        lease.sends(new int[] {1});
        lease.cut();
        slots.lease("a").orElseThrow().cancel(false);
        CompletableFuture<SlotTable.Lease> second = slots.lease("a").orElseThrow();
        second.cancel(false);

        slots.proven(slots.inDoubt());

        assertThat(slots.isIdle("a")).isTrue();
        assertThat(once("a")).isEqualTo(lease.slot());
    }

    @Test
    void cut_allSlots_newEntitiesAreRefused() {
        for (String entity : new String[] {"a", "b"}) {
            SlotTable.Lease lease = lease(entity);
            lease.sends(new int[] {1});
            lease.cut();
        }
        assertThat(slots.lease("c")).isEmpty();
    }

    @Test
    void lease_whileWarming_takesTheSlotOver() {
        SlotTable.Lease warming = slots.leaseToWarm("a").orElseThrow();
        assertThat(warming.sends(new int[] {1})).isTrue();

        SlotTable.Lease call = lease("a");
        assertThat(warming.sends(new int[] {1, 2})).isFalse();
        warming.release();
        assertThat(warming.cut()).isFalse();
        assertThat(call.sends(new int[] {1, 2, 3})).isTrue();
        assertThat(slots.leaseToWarm("a")).isEmpty();
    }

    @Test
    void known_prompt_countsTheCommonBeginning() {
        SlotTable.Lease lease = lease("a");
        lease.sends(new int[] {1, 5, 6});
        lease.release();

        assertThat(slots.known("a", new int[] {1, 5, 7})).isEqualTo(2);
        assertThat(slots.known("a", new int[] {1, 5, 6})).isEqualTo(3);
        assertThat(slots.known("b", new int[] {1})).isZero();
    }

    @Test
    void resize_toFewer_forgetsTheEntitiesOfTheOthers() {
        once("a");
        once("b");
        slots.resize(1);

        assertThat(once("a")).isZero();
        assertThat(once("b")).isZero();
        assertThat(slots.size()).isEqualTo(1);
    }

    @Test
    void resize_whileACallWaits_endsItOutsideTheLock() throws Exception {
        CompletableFuture<SlotTable.Lease> waiting = waiting();
        AtomicBoolean free = new AtomicBoolean();
        waiting.whenComplete((lease, gone) -> free.set(answersAnotherThread()));
        slots.resize(0);
        assertThat(waiting).isCancelled();
        assertThat(free).isTrue();
    }

    @Test
    void endWaiting_endsTheCallsThatWaitForASlot() {
        CompletableFuture<SlotTable.Lease> waiting = waiting();
        slots.endWaiting();
        assertThat(waiting).isCancelled();
    }

    /** A call that waits for a slot whose last one was cut. */
    private CompletableFuture<SlotTable.Lease> waiting() {
        SlotTable.Lease cut = slots.lease("a").orElseThrow().join();
        assertThat(cut.sends(new int[] {1})).isTrue();
        assertThat(cut.cut()).isTrue();
        return slots.lease("a").orElseThrow();
    }

    private boolean answersAnotherThread() {
        Thread other = new Thread(slots::size, "other");
        other.start();
        try {
            other.join(10_000);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return !other.isAlive();
    }

    @Test
    void lease_withoutSlots_isRefused() {
        slots.resize(0);

        assertThat(slots.lease("a")).isEmpty();
    }
}
