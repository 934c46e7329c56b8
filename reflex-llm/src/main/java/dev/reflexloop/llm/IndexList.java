package dev.reflexloop.llm;

import java.util.Arrays;

/** A growing list of ints. One thread at a time. */
final class IndexList {
    private int[] values;
    private int size;

    IndexList(int capacity) {
        values = new int[capacity];
    }

    void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2 + 1);
        }
        values[size++] = value;
    }

    int[] toArray() {
        return Arrays.copyOf(values, size);
    }
}
