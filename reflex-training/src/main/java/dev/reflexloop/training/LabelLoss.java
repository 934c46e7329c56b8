package dev.reflexloop.training;

import static org.bytedeco.pytorch.global.torch.add;
import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.logsumexp;
import static org.bytedeco.pytorch.global.torch.mul;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/*
 * A decision reads one position, so one position is trained: the cross entropy of the label under the softmax over the
 * legal labels. Alone that would leave the rest of the vocabulary where it was, and the legal mass would mean nothing;
 * a smaller term over the whole vocabulary teaches it. Targets get the same two terms one position later.
 *
 * Padding stands behind the positions that are read and attention is causal, so it needs no mask of its own.
 */
/** Turns a batch of {@link Examples} into a loss, or into figures. One thread at a time. */
final class LabelLoss {

    private static final float NEVER = -1e9f;

    private final TorchModel model;
    private final Examples examples;
    private final int[] labelTokens;
    private final int[] targetTokens;

    LabelLoss(TorchModel model, Examples examples, int[] labelTokens, int[] targetTokens) {
        this.model = model;
        this.examples = examples;
        this.labelTokens = labelTokens.clone();
        this.targetTokens = targetTokens.clone();
    }

    /** Sums over examples; {@code targeted} counts those with a chosen target. */
    @SuppressWarnings("ArrayRecordComponent") // never compared or shared; a copy would be megabytes
    record Figures(
            double lossSum,
            double legalMassSum,
            int correct,
            int count,
            int targetsCorrect,
            int targeted,
            int[][] confusion) {

        double loss() {
            return count == 0 ? Double.NaN : lossSum / count;
        }

        double accuracy() {
            return count == 0 ? Double.NaN : (double) correct / count;
        }

        double legalMass() {
            return count == 0 ? Double.NaN : legalMassSum / count;
        }
    }

    /** Adds the batch's gradient to the model's and returns the loss over the legal labels, mean per example. */
    @SuppressWarnings("try") // the scope works by being open
    double backward(int[] batch, int from, int to, double vocabularyShare) {
        try (PointerScope ignored = new PointerScope()) {
            Packed packed = pack(batch, from, to);
            Tensor action = packed.logits.select(1, 0);
            Tensor legal = cross_entropy_loss(legalLogits(action, packed), packed.labels(examples, batch, from));
            Tensor whole = cross_entropy_loss(action, packed.labelTokens(examples, batch, from, labelTokens));
            Tensor loss = add(legal, mul(whole, new Scalar(vocabularyShare)));
            if (packed.targeted > 0) {
                loss = add(loss, targetLoss(packed, batch, from, vocabularyShare));
            }
            loss.backward();
            return legal.item_float();
        }
    }

    private Tensor targetLoss(Packed packed, int[] batch, int from, double vocabularyShare) {
        int[] rows = new int[packed.targeted];
        long[] chosen = new long[packed.targeted];
        long[] tokens = new long[packed.targeted];
        float[] mask = new float[packed.targeted * targetTokens.length];
        int row = 0;
        for (int i = 0; i < packed.size; i++) {
            int example = batch[from + i];
            int target = examples.target(example);
            if (target == Examples.NO_TARGET) {
                continue;
            }
            rows[row] = i;
            chosen[row] = target;
            tokens[row] = targetTokens[target];
            for (int t = 0; t < targetTokens.length; t++) {
                mask[row * targetTokens.length + t] = t < examples.targets(example) ? 0 : NEVER;
            }
            row++;
        }
        Tensor all = packed.logits.select(1, 1).index_select(0, Tensor.create(rows, rows.length));
        Tensor offered = add(
                all.index_select(1, Tensor.create(targetTokens, targetTokens.length)),
                Tensor.create(mask, rows.length, targetTokens.length));
        Tensor loss = add(
                cross_entropy_loss(offered, Tensor.create(chosen, rows.length)),
                mul(cross_entropy_loss(all, Tensor.create(tokens, rows.length)), new Scalar(vocabularyShare)));
        return mul(loss, new Scalar((double) packed.targeted / packed.size));
    }

    /** Figures of the examples in {@code order[from..to)}, evaluated in batches without gradients. */
    @SuppressWarnings("try") // the scope and the guard work by being open
    Figures evaluate(int[] order, int from, int to, int batchSize) {
        double lossSum = 0;
        double legalMassSum = 0;
        int correct = 0;
        int targetsCorrect = 0;
        int targeted = 0;
        int actions = labelTokens.length;
        int[][] confusion = new int[actions][actions];
        for (int at = from; at < to; at += batchSize) {
            int end = Math.min(to, at + batchSize);
            try (PointerScope ignored = new PointerScope();
                    NoGradGuard guard = new NoGradGuard()) {
                Packed packed = pack(order, at, end);
                Tensor action = packed.logits.select(1, 0).contiguous();
                float[] legal = TorchModel.copy(legalLogits(action, packed));
                float[] whole = TorchModel.copy(logsumexp(action, 1));
                float[] targetLogits = packed.targeted == 0
                        ? new float[0]
                        : TorchModel.copy(packed.logits
                                .select(1, 1)
                                .index_select(1, Tensor.create(targetTokens, targetTokens.length)));
                for (int i = 0; i < packed.size; i++) {
                    int example = order[at + i];
                    int label = examples.label(example);
                    int best = largest(legal, i * actions, actions);
                    double legalSum = logSumExp(legal, i * actions, actions);
                    lossSum += legalSum - legal[i * actions + label];
                    legalMassSum += Math.exp(legalSum - whole[i]);
                    correct += best == label ? 1 : 0;
                    confusion[label][best]++;
                    if (examples.target(example) != Examples.NO_TARGET) {
                        targeted++;
                        int chosen = largest(targetLogits, i * targetTokens.length, examples.targets(example));
                        targetsCorrect += chosen == examples.target(example) ? 1 : 0;
                    }
                }
            }
        }
        return new Figures(lossSum, legalMassSum, correct, to - from, targetsCorrect, targeted, confusion);
    }

    private Tensor legalLogits(Tensor action, Packed packed) {
        return add(action.index_select(1, Tensor.create(labelTokens, labelTokens.length)), packed.legalMask);
    }

    /** The batch as tensors, and its logits at the one or two positions of each example that are read. */
    private Packed pack(int[] batch, int from, int to) {
        int size = to - from;
        int length = 0;
        int targeted = 0;
        for (int i = from; i < to; i++) {
            length = Math.max(length, examples.length(batch[i]));
            targeted += examples.target(batch[i]) == Examples.NO_TARGET ? 0 : 1;
        }
        int read = targeted > 0 ? 2 : 1;
        int[] tokens = new int[size * length];
        int[] rows = new int[size * read];
        float[] attention = new float[size * read * length];
        float[] legal = new float[size * labelTokens.length];
        for (int i = 0; i < size; i++) {
            int example = batch[from + i];
            examples.copyTokens(example, tokens, i * length);
            for (int r = 0; r < read; r++) {
                int position = Math.min(examples.promptLength(example) - 1 + r, length - 1);
                rows[i * read + r] = i * length + position;
                for (int p = position + 1; p < length; p++) {
                    attention[(i * read + r) * length + p] = NEVER;
                }
            }
            for (int a = 0; a < labelTokens.length; a++) {
                legal[i * labelTokens.length + a] = examples.legal(example, a) ? 0 : NEVER;
            }
        }
        Tensor logits = model.logits(
                        Tensor.create(tokens, size, length),
                        Tensor.create(rows, rows.length),
                        read,
                        Tensor.create(attention, size, 1, read, length))
                .view(size, read, model.map().vocabulary());
        return new Packed(size, targeted, logits, Tensor.create(legal, size, labelTokens.length));
    }

    private record Packed(int size, int targeted, Tensor logits, Tensor legalMask) {

        Tensor labels(Examples examples, int[] batch, int from) {
            long[] labels = new long[size];
            for (int i = 0; i < size; i++) {
                labels[i] = examples.label(batch[from + i]);
            }
            return Tensor.create(labels, size);
        }

        Tensor labelTokens(Examples examples, int[] batch, int from, int[] ids) {
            long[] tokens = new long[size];
            for (int i = 0; i < size; i++) {
                tokens[i] = ids[examples.label(batch[from + i])];
            }
            return Tensor.create(tokens, size);
        }
    }

    private static int largest(float[] values, int from, int length) {
        int best = 0;
        for (int i = 1; i < length; i++) {
            if (values[from + i] > values[from + best]) {
                best = i;
            }
        }
        return best;
    }

    private static double logSumExp(float[] values, int from, int length) {
        double peak = values[from + largest(values, from, length)];
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += Math.exp(values[from + i] - peak);
        }
        return peak + Math.log(sum);
    }
}
