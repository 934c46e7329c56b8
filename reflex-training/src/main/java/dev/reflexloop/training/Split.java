package dev.reflexloop.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Which examples train and which are held out, by whole episodes: neighbouring ticks are nearly equal, so a split by
 * tick would measure memory. The arrays are not copied.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared or shared; a copy would be megabytes
record Split(int[] training, int[] heldOut) {

    /**
     * Holds out random episodes until at least the share of the examples is reached. One episode is always left to train
     * on.
     */
    static Split byEpisode(Examples examples, double share, long seed) {
        Set<Integer> distinct = new LinkedHashSet<>();
        int[] sizes = new int[examples.count() + 1];
        for (int i = 0; i < examples.count(); i++) {
            distinct.add(examples.group(i));
            sizes[examples.group(i)]++;
        }
        List<Integer> episodes = new ArrayList<>(distinct);
        Collections.shuffle(episodes, new Random(seed));
        boolean[] held = new boolean[sizes.length];
        int heldCount = 0;
        for (int episode : episodes.subList(0, Math.max(0, episodes.size() - 1))) {
            if (heldCount >= share * examples.count()) {
                break;
            }
            held[episode] = true;
            heldCount += sizes[episode];
        }
        int[] training = new int[examples.count() - heldCount];
        int[] heldOut = new int[heldCount];
        int t = 0;
        int h = 0;
        for (int i = 0; i < examples.count(); i++) {
            if (held[examples.group(i)]) {
                heldOut[h++] = i;
            } else {
                training[t++] = i;
            }
        }
        return new Split(training, shuffled(heldOut, seed));
    }

    /** Held-out examples in random order, so that a leading part stands for all of them. */
    private static int[] shuffled(int[] values, long seed) {
        Random random = new Random(seed + 1);
        for (int i = values.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
        return values;
    }
}
