package dev.reflexloop.examples.robocode;

import java.util.ArrayDeque;
import java.util.Deque;

/** The sum of what was added in the last turns. Confined to the robot's thread. */
final class RecentSum {
    private record Entry(long turn, double amount) {}

    private final long window;
    private final Deque<Entry> entries = new ArrayDeque<>();

    RecentSum(long window) {
        this.window = window;
    }

    void add(long turn, double amount) {
        entries.addLast(new Entry(turn, amount));
    }

    /** The sum over the window that ends with a turn; turns must not go back. */
    double at(long turn) {
        while (!entries.isEmpty() && entries.getFirst().turn() <= turn - window) {
            entries.removeFirst();
        }
        return entries.stream().mapToDouble(Entry::amount).sum();
    }
}
