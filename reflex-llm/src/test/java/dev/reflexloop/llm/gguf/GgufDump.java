package dev.reflexloop.llm.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads a whole GGUF file by the book, independently of the writer under test. */
final class GgufDump {

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Tensor(List<Long> dimensions, int type, long offset, float[] values) {}

    final Map<String, Object> keys = new LinkedHashMap<>();
    final Map<String, Tensor> tensors = new LinkedHashMap<>();

    GgufDump(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt() != 0x46554747 || in.getInt() != 3) {
            throw new IOException("no GGUF of version 3");
        }
        long tensorCount = in.getLong();
        long keyCount = in.getLong();
        for (long i = 0; i < keyCount; i++) {
            String key = text(in);
            keys.put(key, value(in, in.getInt()));
        }
        List<String> names = new ArrayList<>();
        List<Tensor> heads = new ArrayList<>();
        for (long i = 0; i < tensorCount; i++) {
            names.add(text(in));
            List<Long> dimensions = new ArrayList<>();
            int count = in.getInt();
            for (int d = 0; d < count; d++) {
                dimensions.add(in.getLong());
            }
            heads.add(new Tensor(dimensions, in.getInt(), in.getLong(), new float[0]));
        }
        long dataStart = (in.position() + 31L) / 32 * 32;
        for (int i = 0; i < names.size(); i++) {
            Tensor head = heads.get(i);
            long size = head.dimensions().stream().reduce(1L, Math::multiplyExact);
            in.position(Math.toIntExact(dataStart + head.offset()));
            tensors.put(
                    names.get(i),
                    new Tensor(head.dimensions(), head.type(), head.offset(), values(in, head.type(), (int) size)));
        }
    }

    private static float[] values(ByteBuffer in, int type, int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; ) {
            switch (type) {
                case 0 -> values[i++] = in.getFloat();
                case 1 -> values[i++] = Float16.toFloat(in.getShort());
                case 2 -> {
                    float scale = Float16.toFloat(in.getShort());
                    for (int b = 0; b < 16; b++) {
                        int pair = in.get();
                        values[i + b] = scale * ((pair & 15) - 8);
                        values[i + 16 + b] = scale * ((pair >> 4 & 15) - 8);
                    }
                    i += 32;
                }
                case 8 -> {
                    float scale = Float16.toFloat(in.getShort());
                    for (int b = 0; b < 32; b++) {
                        values[i++] = scale * in.get();
                    }
                }
                default -> throw new IllegalStateException("tensor type " + type);
            }
        }
        return values;
    }

    private static Object value(ByteBuffer in, int type) {
        return switch (type) {
            case 4, 5 -> in.getInt();
            case 6 -> in.getFloat();
            case 7 -> in.get() != 0;
            case 8 -> text(in);
            case 9 -> {
                int element = in.getInt();
                long count = in.getLong();
                List<Object> list = new ArrayList<>();
                for (long i = 0; i < count; i++) {
                    list.add(value(in, element));
                }
                yield list;
            }
            default -> throw new IllegalStateException("value type " + type);
        };
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[Math.toIntExact(in.getLong())];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
