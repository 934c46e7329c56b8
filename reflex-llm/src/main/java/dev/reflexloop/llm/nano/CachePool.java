package dev.reflexloop.llm.nano;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lends prompt caches to threads, to each entity the one it had before. Thread-safe.
 *
 * <p>There are at most {@code capacity} caches. When all of them belong to other entities, the one that was returned longest ago is
 * given away; what its prompt has in common with the new one, at least the constant beginning, is still of use.
 */
final class CachePool {
    private final ModelShape shape;
    private final int capacity;
    /** Caches that are not lent, by entity, the one returned longest ago first. */
    private final Map<String, ArrayDeque<KeyValueCache>> free = new LinkedHashMap<>(16, 0.75f, true);

    private int made;

    CachePool(ModelShape shape, int capacity) {
        this.shape = shape;
        this.capacity = capacity;
    }

    /** A cache for one evaluation; there always is one while no more than {@code capacity} are lent. */
    synchronized KeyValueCache borrow(String entity) {
        ArrayDeque<KeyValueCache> own = free.get(entity);
        if (own != null) {
            return take(entity, own);
        }
        if (made < capacity) {
            made++;
            return new KeyValueCache(shape);
        }
        Map.Entry<String, ArrayDeque<KeyValueCache>> eldest =
                free.entrySet().iterator().next();
        return take(eldest.getKey(), eldest.getValue());
    }

    private KeyValueCache take(String entity, ArrayDeque<KeyValueCache> caches) {
        KeyValueCache cache = caches.removeLast();
        if (caches.isEmpty()) {
            free.remove(entity);
        }
        return cache;
    }

    synchronized void giveBack(String entity, KeyValueCache cache) {
        free.computeIfAbsent(entity, key -> new ArrayDeque<>(1)).addLast(cache);
    }
}
