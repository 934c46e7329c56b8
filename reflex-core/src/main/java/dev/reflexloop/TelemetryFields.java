package dev.reflexloop;

import static java.util.Objects.requireNonNull;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an event: names and values in turn in one array, because an event is made in every tick and hardly ever read. A value is
 * brought into its final form only here, so that whoever reads an event finds nothing that can change or grow. Immutable.
 */
final class TelemetryFields extends AbstractMap<String, Object> {
    static final int LONGEST_TEXT = 4_096;
    static final int MOST_ENTRIES = 256;

    private final @Nullable Object[] pairs;
    private final int length;

    private TelemetryFields(Object[] pairs, int length) {
        this.pairs = pairs;
        this.length = length;
    }

    static TelemetryFields of(Map<String, ?> fields) {
        if (fields instanceof TelemetryFields already) {
            return already;
        }
        Object[] pairs = new Object[2 * Math.min(fields.size(), MOST_ENTRIES)];
        int length = 0;
        for (Map.Entry<String, ?> each : fields.entrySet()) {
            length = length == pairs.length ? length : put(pairs, length, each.getKey(), each.getValue());
        }
        return new TelemetryFields(pairs, length);
    }

    /**
     * Takes names and values in turn; a value that is null is left out with its name. For the loop's own events: the array is kept, and so is
     * a map, which nobody may change.
     */
    static TelemetryFields taking(@Nullable Object... namesAndValues) {
        int length = 0;
        for (int i = 0; i < namesAndValues.length; i += 2) {
            Object value = namesAndValues[i + 1];
            if (value != null) {
                namesAndValues[length] = namesAndValues[i];
                namesAndValues[length + 1] = value instanceof String text ? clipped(text) : value;
                length += 2;
            }
        }
        return new TelemetryFields(namesAndValues, length);
    }

    private static int put(@Nullable Object[] pairs, int length, @Nullable String name, @Nullable Object value) {
        Object kept = value == null ? null : kept(value);
        if (name == null || kept == null) {
            return length;
        }
        pairs[length] = clipped(name);
        pairs[length + 1] = kept;
        return length + 2;
    }

    private static @Nullable Object kept(Object value) {
        if (value instanceof String text) {
            return clipped(text);
        }
        if (value instanceof Boolean) {
            return value;
        }
        if (value instanceof Number number) {
            return number(number);
        }
        if (value instanceof Map<?, ?> map) {
            return numbers(map);
        }
        return clipped(String.valueOf(value));
    }

    /** A whole number as a long, any other as a double; null for what is not finite, as JSON has no word for it. */
    private static @Nullable Number number(Number number) {
        if (number instanceof Long) {
            return number;
        }
        if (number instanceof Integer || number instanceof Short || number instanceof Byte) {
            return number.longValue();
        }
        double value = number.doubleValue();
        return Double.isFinite(value) ? (Double) value : null;
    }

    private static Map<String, Number> numbers(Map<?, ?> map) {
        Map<String, Number> numbers = new LinkedHashMap<>();
        for (Map.Entry<?, ?> each : map.entrySet()) {
            Number value = each.getValue() instanceof Number given ? number(given) : null;
            if (value != null && each.getKey() instanceof String name && numbers.size() < MOST_ENTRIES) {
                numbers.put(clipped(name), value);
            }
        }
        return Collections.unmodifiableMap(numbers);
    }

    static String clipped(String text) {
        return ShownText.clipped(text, LONGEST_TEXT);
    }

    @Override
    public @Nullable Object get(@Nullable Object name) {
        for (int i = 0; i < length; i += 2) {
            if (requireNonNull(pairs[i]).equals(name)) {
                return pairs[i + 1];
            }
        }
        return null;
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return get(name) != null;
    }

    @Override
    public int size() {
        return length / 2;
    }

    @Override
    public Set<Map.Entry<String, Object>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<String, Object>> iterator() {
                return new Pairs();
            }

            @Override
            public int size() {
                return length / 2;
            }
        };
    }

    private final class Pairs implements Iterator<Map.Entry<String, Object>> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < length;
        }

        @Override
        public Map.Entry<String, Object> next() {
            if (next >= length) {
                throw new NoSuchElementException();
            }
            next += 2;
            return Map.entry((String) requireNonNull(pairs[next - 2]), requireNonNull(pairs[next - 1]));
        }
    }
}
