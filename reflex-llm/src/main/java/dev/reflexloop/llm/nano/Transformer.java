package dev.reflexloop.llm.nano;

import java.util.Arrays;

/**
 * The forward pass of a llama-architecture model. Immutable; threads share it, each with a {@link Workspace} and a
 * {@link KeyValueCache} of its own.
 *
 * <p>All tokens of a batch go through a layer together, so that its weights are read from memory once. In the last layer only keys and
 * values are wanted of every token; the rest of it is computed for the last token alone, whose state is the result.
 */
final class Transformer {
    private final ModelShape shape;
    private final Kernel kernel;
    private final float[][] embeddings;
    private final float[][] head;
    private final boolean eightBitHead;
    private final float[] outputNorm;
    private final Layer[] layers;
    private final Rotation rotation;

    /**
     * The weights of one layer. Keys and values are one matrix, and so are the two halves of the feed-forward part's gate.
     *
     * @param attentionNorm scales
     * @param query to the query heads
     * @param keyValue to the key heads, then the value heads
     * @param output back to the residual stream
     * @param feedNorm scales
     * @param gateUp to the gate, then to what it gates
     * @param down back to the residual stream
     * @param eightBit whether the weights are stored in 8 bits, so that what they are multiplied with is rounded to 8 bits too
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Layer(
            float[] attentionNorm,
            WeightMatrix query,
            WeightMatrix keyValue,
            WeightMatrix output,
            float[] feedNorm,
            WeightMatrix gateUp,
            WeightMatrix down,
            boolean eightBit) {}

    Transformer(
            ModelShape shape,
            Kernel kernel,
            float[][] embeddings,
            float[][] head,
            boolean eightBitHead,
            float[] outputNorm,
            Layer[] layers,
            Rotation rotation) {
        this.shape = shape;
        this.kernel = kernel;
        this.embeddings = embeddings;
        this.head = head;
        this.eightBitHead = eightBitHead;
        this.outputNorm = outputNorm;
        this.layers = layers;
        this.rotation = rotation;
    }

    ModelShape shape() {
        return shape;
    }

    Kernel kernel() {
        return kernel;
    }

    /** How strongly the model expects a token, given a final state. */
    float logit(float[] state, int token) {
        return kernel.dot(state, head[token], shape.width());
    }

    /**
     * Evaluates the tokens of a prompt that the cache does not hold yet.
     *
     * @param cache holds the tokens before {@code from} and is appended to
     * @param tokens the prompt
     * @param from the first token to evaluate
     * @param to the end of the prompt, after {@code from}
     * @param end where the final state goes
     * @param work buffers of this thread
     * @return false if it was stopped; the cache then holds fewer tokens, all of them right
     */
    boolean evaluate(KeyValueCache cache, int[] tokens, int from, int to, KeyValueCache.EndState end, Workspace work) {
        cache.prepare(from, to);
        for (int start = from; start < to; start += Workspace.ROWS) {
            int rows = Math.min(Workspace.ROWS, to - start);
            if (!batch(cache, tokens, start, rows, start + rows == to, work)) {
                return false;
            }
            cache.append(tokens, rows);
            work.count(rows);
        }
        normalize(work.residual[0], outputNorm, end.state, eightBitHead);
        cache.ended(end);
        return true;
    }

    /** Evaluates some tokens together; of the last batch, leaves the last token's state in the first residual row. */
    private boolean batch(KeyValueCache cache, int[] tokens, int start, int rows, boolean last, Workspace work) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(embeddings[tokens[start + row]], 0, work.residual[row], 0, shape.width());
        }
        for (int index = 0; index < layers.length; index++) {
            Layer layer = layers[index];
            for (int row = 0; row < rows; row++) {
                normalize(work.residual[row], layer.attentionNorm(), work.normed[row], layer.eightBit());
            }
            if (!layer.keyValue().multiply(work.normed, rows, work.keyValue, false, work)) {
                return false;
            }
            store(cache, index, start, rows, work);
            int first = 0;
            if (index == layers.length - 1) {
                if (!last) {
                    return true;
                }
                first = rows - 1;
                swap(work.residual, first);
                swap(work.normed, first);
            }
            if (!finish(cache, index, start + first, rows - first, work)) {
                return false;
            }
        }
        return true;
    }

    private static void swap(float[][] rows, int row) {
        float[] first = rows[0];
        rows[0] = rows[row];
        rows[row] = first;
    }

    private void store(KeyValueCache cache, int layer, int start, int rows, Workspace work) {
        float[][] keys = cache.keys(layer);
        int width = shape.keyWidth();
        for (int row = 0; row < rows; row++) {
            int position = start + row;
            float[] keyValue = work.keyValue[row];
            rotation.rotate(keyValue, shape.keyHeads(), shape.headWidth(), position);
            for (int i = 0; i < width; i++) {
                keys[i][position] = keyValue[i];
            }
            for (int head = 0; head < shape.keyHeads(); head++) {
                System.arraycopy(
                        keyValue,
                        width + head * shape.headWidth(),
                        cache.values(layer, head)[position],
                        0,
                        shape.headWidth());
            }
        }
    }

    /** What a layer does after keys and values: attention, then the feed-forward part. */
    private boolean finish(KeyValueCache cache, int index, int start, int rows, Workspace work) {
        Layer layer = layers[index];
        if (!layer.query().multiply(work.normed, rows, work.query, false, work)) {
            return false;
        }
        float scale = (float) (1 / Math.sqrt(shape.headWidth()));
        for (int row = 0; row < rows; row++) {
            float[] query = work.query[row];
            rotation.rotate(query, shape.heads(), shape.headWidth(), start + row);
            for (int i = 0; i < shape.queryWidth(); i++) {
                query[i] *= scale;
            }
            for (int head = 0; head < shape.heads(); head++) {
                if (work.stopped()) {
                    return false;
                }
                attend(cache, index, head, query, start + row + 1, work.attended[row], work);
            }
            if (layer.eightBit()) {
                EightBit.round(work.attended[row], shape.queryWidth());
            }
        }
        if (!layer.output().multiply(work.attended, rows, work.residual, true, work)) {
            return false;
        }
        for (int row = 0; row < rows; row++) {
            normalize(work.residual[row], layer.feedNorm(), work.normed[row], layer.eightBit());
        }
        if (!layer.gateUp().multiply(work.normed, rows, work.gates, false, work)) {
            return false;
        }
        for (int row = 0; row < rows; row++) {
            if (work.stopped()) {
                return false;
            }
            kernel.gate(work.gates[row], shape.hidden());
            if (layer.eightBit()) {
                EightBit.round(work.gates[row], shape.hidden());
            }
        }
        return layer.down().multiply(work.gates, rows, work.residual, true, work);
    }

    /** One head of one token looks at all tokens up to its own. */
    private void attend(
            KeyValueCache cache, int layer, int head, float[] query, int count, float[] attended, Workspace work) {
        int width = shape.headWidth();
        int keyHead = head / (shape.heads() / shape.keyHeads());
        int from = head * width;
        float[] scores = work.scores(count);
        Arrays.fill(scores, 0, count, 0);
        float[][] keys = cache.keys(layer);
        int key = keyHead * width;
        int i = 0;
        for (; i + 3 < width; i += 4) {
            PlainKernel.addProducts(
                    scores,
                    count,
                    keys[key + i],
                    keys[key + i + 1],
                    keys[key + i + 2],
                    keys[key + i + 3],
                    query[from + i],
                    query[from + i + 1],
                    query[from + i + 2],
                    query[from + i + 3]);
        }
        for (; i < width; i++) {
            PlainKernel.addProduct(scores, count, keys[key + i], query[from + i]);
        }
        float max = Float.NEGATIVE_INFINITY;
        for (int token = 0; token < count; token++) {
            max = Math.max(max, scores[token]);
        }
        float total = 1 / kernel.exponentials(scores, count, max);
        float[] sum = work.head;
        Arrays.fill(sum, 0);
        float[][] values = cache.values(layer, keyHead);
        int token = 0;
        for (; token + 3 < count; token += 4) {
            PlainKernel.addProducts(
                    sum,
                    width,
                    values[token],
                    values[token + 1],
                    values[token + 2],
                    values[token + 3],
                    scores[token] * total,
                    scores[token + 1] * total,
                    scores[token + 2] * total,
                    scores[token + 3] * total);
        }
        for (; token < count; token++) {
            PlainKernel.addProduct(sum, width, values[token], scores[token] * total);
        }
        System.arraycopy(sum, 0, attended, from, width);
    }

    /** Root-mean-square norm, for a matrix that may want its inputs in 8 bits. */
    private void normalize(float[] row, float[] weights, float[] target, boolean eightBit) {
        int width = shape.width();
        float scale = (float) (1 / Math.sqrt(kernel.dot(row, row, width) / width + shape.epsilon()));
        for (int i = 0; i < width; i++) {
            target[i] = row[i] * scale * weights[i];
        }
        if (eightBit) {
            EightBit.round(target, width);
        }
    }
}
