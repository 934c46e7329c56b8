package dev.reflexloop.training;

import dev.reflexloop.llm.gguf.AtomicFiles;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * All that a run needs to go on as if it had not been killed. Its random numbers follow from seed, epoch and step, so
 * no generator's state is kept. The arrays are not copied: who makes one hands them over.
 *
 * @param fingerprint of data, shape and settings; a checkpoint of another run is not resumed
 * @param step steps done
 * @param elapsedNanos time spent training, over all starts
 * @param stale evaluations since the best one
 * @param endingSince step at which the schedule was brought to its end, or -1
 * @param progressAtEnding fraction of the schedule that had passed then
 * @param bestLoss lowest held-out loss so far
 * @param weights current weights
 * @param first AdamW's first moment
 * @param second AdamW's second moment
 * @param best weights of the lowest held-out loss
 */
@SuppressWarnings("ArrayRecordComponent") // never compared or shared; a copy would be megabytes
record Checkpoint(
        long fingerprint,
        long step,
        long elapsedNanos,
        int stale,
        long endingSince,
        double progressAtEnding,
        double bestLoss,
        float[] weights,
        float[] first,
        float[] second,
        float[] best) {

    private static final long MAGIC = 0x52464c58434b3031L;

    /**
     * Writes the file so that a kill at any moment leaves the former or this checkpoint, whole.
     *
     * @throws IOException if it cannot be written
     */
    void write(Path file) throws IOException {
        AtomicFiles.replace(file, temporary -> {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                OutputStream raw = Channels.newOutputStream(channel);
                CheckedOutputStream checked = new CheckedOutputStream(raw, new CRC32());
                DataOutputStream out = new DataOutputStream(checked);
                out.writeLong(MAGIC);
                out.writeLong(fingerprint);
                out.writeLong(step);
                out.writeLong(elapsedNanos);
                out.writeInt(stale);
                out.writeLong(endingSince);
                out.writeDouble(progressAtEnding);
                out.writeDouble(bestLoss);
                out.writeInt(weights.length);
                for (float[] part : new float[][] {weights, first, second, best}) {
                    writeFloats(out, part);
                }
                out.writeLong(checked.getChecksum().getValue());
                out.flush();
                channel.force(true);
            }
        });
    }

    /**
     * Reads a checkpoint of this run.
     *
     * @return the checkpoint, or nothing if there is none, it is damaged, or belongs to another run
     */
    static Optional<Checkpoint> read(Path file, long fingerprint, int size) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (InputStream raw = Files.newInputStream(file);
                CheckedInputStream checked = new CheckedInputStream(new java.io.BufferedInputStream(raw), new CRC32());
                DataInputStream in = new DataInputStream(checked)) {
            if (in.readLong() != MAGIC || in.readLong() != fingerprint) {
                return Optional.empty();
            }
            long step = in.readLong();
            long elapsed = in.readLong();
            int stale = in.readInt();
            long endingSince = in.readLong();
            double progressAtEnding = in.readDouble();
            double bestLoss = in.readDouble();
            if (in.readInt() != size) {
                return Optional.empty();
            }
            float[] weights = readFloats(in, size);
            float[] first = readFloats(in, size);
            float[] second = readFloats(in, size);
            float[] best = readFloats(in, size);
            long sum = checked.getChecksum().getValue();
            return in.readLong() == sum
                    ? Optional.of(new Checkpoint(
                            fingerprint,
                            step,
                            elapsed,
                            stale,
                            endingSince,
                            progressAtEnding,
                            bestLoss,
                            weights,
                            first,
                            second,
                            best))
                    : Optional.empty();
        } catch (IOException damaged) {
            return Optional.empty();
        }
    }

    private static void writeFloats(DataOutputStream out, float[] values) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(values.length, 1 << 16) * 4);
        for (int at = 0; at < values.length; ) {
            buffer.clear();
            int part = Math.min(values.length - at, buffer.capacity() / 4);
            buffer.asFloatBuffer().put(values, at, part);
            out.write(buffer.array(), 0, part * 4);
            at += part;
        }
    }

    private static float[] readFloats(DataInputStream in, int size) throws IOException {
        float[] values = new float[size];
        byte[] bytes = new byte[Math.min(size, 1 << 16) * 4];
        for (int at = 0; at < size; ) {
            int part = Math.min(size - at, bytes.length / 4);
            in.readFully(bytes, 0, part * 4);
            ByteBuffer.wrap(bytes).asFloatBuffer().get(values, at, part);
            at += part;
        }
        return values;
    }
}
