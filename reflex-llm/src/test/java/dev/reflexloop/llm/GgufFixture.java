package dev.reflexloop.llm;

import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.gguf.GgufFile;
import dev.reflexloop.llm.gguf.GgufTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/** Writes small GGUF files of random weights for tests: whatever a test wants to be wrong can be made wrong. */
public final class GgufFixture {
    /** By name, in order: String, Integer, Long, Float, Boolean, List of String, float[] or int[]. */
    public final Map<String, Object> metadata = new LinkedHashMap<>();

    /** The tensors by name, in order. */
    public final Map<String, Tensor> tensors = new LinkedHashMap<>();

    /** How a tensor is stored. */
    public enum Type {
        F32(0),
        F16(1),
        Q8_0(8);

        private final int code;

        Type(int code) {
            this.code = code;
        }
    }

    /** Numbers as they are after reading, row by row, and how they are stored. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Tensor(Type type, int[] shape, float[] values) {}

    /** The shape of a random model. */
    public record Shape(int layers, int width, int hidden, int heads, int keyHeads, int context, boolean tied) {
        public static Shape tiny() {
            return new Shape(2, 32, 64, 4, 2, 256, true);
        }
    }

    /** A model with random weights whose vocabulary is that of a layout. */
    public static GgufFixture model(Shape shape, PromptLayout layout, Type type, long seed) {
        List<String> fused = new ArrayList<>(layout.tokens());
        GgufFixture fixture = model(shape, fused, type, seed);
        fixture.metadata.put("reflex.prompt.format", PromptLayout.FORMAT);
        fixture.metadata.put("reflex.prompt.layout", layout.toJson());
        fixture.metadata.put("reflex.schema", layout.schema());
        fixture.metadata.put("reflex.actions", layout.actions());
        return fixture;
    }

    /** A model with random weights and some user-defined tokens behind the bytes. */
    public static GgufFixture model(Shape shape, List<String> userDefined, Type type, long seed) {
        GgufFixture fixture = new GgufFixture();
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int i = 0; i < 256; i++) {
            tokens.add(String.format("<0x%02X>", i));
        }
        tokens.addAll(userDefined);
        int[] types = new int[tokens.size()];
        for (int i = 0; i < types.length; i++) {
            types[i] = i == 0 ? 2 : i < 3 ? 3 : i < 259 ? 6 : 4;
        }
        Map<String, Object> metadata = fixture.metadata;
        metadata.put("general.architecture", "llama");
        metadata.put("general.name", "random");
        metadata.put("llama.block_count", shape.layers());
        metadata.put("llama.context_length", shape.context());
        metadata.put("llama.embedding_length", shape.width());
        metadata.put("llama.feed_forward_length", shape.hidden());
        metadata.put("llama.attention.head_count", shape.heads());
        metadata.put("llama.attention.head_count_kv", shape.keyHeads());
        metadata.put("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        metadata.put("llama.rope.dimension_count", shape.width() / shape.heads());
        metadata.put("llama.rope.freq_base", 10000f);
        metadata.put("llama.vocab_size", tokens.size());
        metadata.put("tokenizer.ggml.model", "llama");
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.scores", new float[tokens.size()]);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.bos_token_id", 1);
        metadata.put("tokenizer.ggml.eos_token_id", 2);
        metadata.put("tokenizer.ggml.unknown_token_id", 0);
        metadata.put("tokenizer.ggml.add_bos_token", true);
        metadata.put("tokenizer.ggml.add_space_prefix", false);
        fixture.weights(shape, tokens.size(), type, new Random(seed));
        return fixture;
    }

    /** What is in a file, its matrices stored in another way. */
    public static GgufFixture copyOf(GgufFile file, Type type) {
        GgufFixture fixture = new GgufFixture();
        for (String key : file.keys()) {
            fixture.metadata.put(key, value(file, key));
        }
        for (GgufTensor tensor : file.tensors()) {
            float[] values = new float[(int) tensor.elements()];
            file.readRows(tensor, 0, (int) tensor.rows(), values);
            boolean matrix = tensor.dimensions() > 1 && tensor.columns() % 32 == 0;
            int[] shape = matrix || tensor.dimensions() > 1
                    ? new int[] {(int) tensor.columns(), (int) tensor.rows()}
                    : new int[] {(int) tensor.columns()};
            fixture.tensors.put(tensor.name(), new Tensor(matrix ? type : Type.F32, shape, values));
        }
        return fixture;
    }

    /** Whatever the metadata is: asking for another kind is refused. */
    private static Object value(GgufFile file, String key) {
        if (key.equals("tokenizer.ggml.token_type")) {
            float[] types = file.floats(key).orElseThrow();
            int[] numbers = new int[types.length];
            for (int i = 0; i < types.length; i++) {
                numbers[i] = (int) types[i];
            }
            return numbers;
        }
        List<Supplier<Object>> kinds = List.of(
                () -> file.string(key).orElseThrow(),
                () -> (int) file.integer(key).orElseThrow(),
                () -> file.flag(key).orElseThrow(),
                () -> (float) file.number(key).orElseThrow(),
                () -> file.strings(key).orElseThrow(),
                () -> file.floats(key).orElseThrow());
        for (Supplier<Object> kind : kinds) {
            try {
                return kind.get();
            } catch (UnusableModelException another) {
                // try the next kind
            }
        }
        throw new IllegalStateException("metadata '" + key + "' is of no kind that this fixture writes");
    }

    private void weights(Shape shape, int vocabulary, Type type, Random random) {
        int keyWidth = shape.width() / shape.heads() * shape.keyHeads();
        matrix("token_embd.weight", shape.width(), vocabulary, type, 1, random);
        for (int i = 0; i < shape.layers(); i++) {
            String prefix = "blk." + i + ".";
            norm(prefix + "attn_norm.weight", shape.width(), random);
            matrix(prefix + "attn_q.weight", shape.width(), shape.width(), type, 1, random);
            matrix(prefix + "attn_k.weight", shape.width(), keyWidth, type, 1, random);
            matrix(prefix + "attn_v.weight", shape.width(), keyWidth, type, 1, random);
            matrix(prefix + "attn_output.weight", shape.width(), shape.width(), type, 1, random);
            norm(prefix + "ffn_norm.weight", shape.width(), random);
            matrix(prefix + "ffn_gate.weight", shape.width(), shape.hidden(), type, 1, random);
            matrix(prefix + "ffn_up.weight", shape.width(), shape.hidden(), type, 1, random);
            matrix(prefix + "ffn_down.weight", shape.hidden(), shape.width(), type, 1, random);
        }
        norm("output_norm.weight", shape.width(), random);
        if (!shape.tied()) {
            matrix("output.weight", shape.width(), vocabulary, type, 1, random);
        }
    }

    private void norm(String name, int width, Random random) {
        float[] values = new float[width];
        for (int i = 0; i < width; i++) {
            values[i] = 1 + 0.2f * (random.nextFloat() - 0.5f);
        }
        tensors.put(name, new Tensor(Type.F32, new int[] {width}, values));
    }

    private void matrix(String name, int columns, int rows, Type type, float gain, Random random) {
        float[] values = new float[columns * rows];
        float scale = gain * (float) Math.sqrt(3.0 / columns) * 2;
        for (int i = 0; i < values.length; i++) {
            values[i] = scale * (random.nextFloat() - 0.5f);
        }
        tensors.put(name, new Tensor(type, new int[] {columns, rows}, values));
    }

    /** Writes the file. */
    public Path write(Path path) {
        try {
            return Files.write(path, bytes());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The file's bytes, at most 2 GB. */
    public byte[] bytes() {
        Out head = new Out();
        head.text("GGUF").u32(3).u64(tensors.size()).u64(metadata.size());
        metadata.forEach((key, value) -> head.string(key).value(value));
        Out data = new Out();
        tensors.forEach((name, tensor) -> {
            head.string(name).u32(tensor.shape().length);
            for (int dimension : tensor.shape()) {
                head.u64(dimension);
            }
            head.u32(tensor.type().code).u64(data.bytes.size());
            data.tensor(tensor);
            data.align();
        });
        head.align();
        return head.raw(data.bytes.toByteArray()).bytes.toByteArray();
    }

    private static final class Out {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Out raw(byte[] more) {
            bytes.writeBytes(more);
            return this;
        }

        Out text(String text) {
            return raw(text.getBytes(StandardCharsets.UTF_8));
        }

        Out u32(int value) {
            return raw(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
        }

        Out u64(long value) {
            return raw(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(value)
                    .array());
        }

        Out string(String text) {
            return u64(text.getBytes(StandardCharsets.UTF_8).length).text(text);
        }

        void value(Object value) {
            if (value instanceof String text) {
                u32(8).string(text);
            } else if (value instanceof Integer number) {
                u32(4).u32(number);
            } else if (value instanceof Long number) {
                u32(10).u64(number);
            } else if (value instanceof Float number) {
                u32(6).u32(Float.floatToIntBits(number));
            } else if (value instanceof Boolean flag) {
                u32(7).raw(new byte[] {(byte) (flag ? 1 : 0)});
            } else if (value instanceof float[] numbers) {
                u32(9).u32(6).u64(numbers.length);
                for (float each : numbers) {
                    u32(Float.floatToIntBits(each));
                }
            } else if (value instanceof int[] numbers) {
                u32(9).u32(5).u64(numbers.length);
                for (int each : numbers) {
                    u32(each);
                }
            } else {
                List<?> texts = (List<?>) value;
                u32(9).u32(8).u64(texts.size());
                texts.forEach(text -> string((String) text));
            }
        }

        void tensor(Tensor tensor) {
            float[] values = tensor.values();
            ByteBuffer buffer = ByteBuffer.allocate(values.length * 4 + 64).order(ByteOrder.LITTLE_ENDIAN);
            switch (tensor.type()) {
                case F32 -> {
                    for (float value : values) {
                        buffer.putFloat(value);
                    }
                }
                case F16 -> {
                    for (int i = 0; i < values.length; i++) {
                        short half = toHalf(values[i]);
                        buffer.putShort(half);
                        values[i] = halfToFloat(half);
                    }
                }
                case Q8_0 -> {
                    for (int block = 0; block < values.length; block += 32) {
                        quantize(values, block, buffer);
                    }
                }
            }
            raw(Arrays.copyOf(buffer.array(), buffer.position()));
        }

        private static void quantize(float[] values, int block, ByteBuffer buffer) {
            float most = 0;
            for (int i = block; i < block + 32; i++) {
                most = Math.max(most, Math.abs(values[i]));
            }
            short half = toHalf(most / 127);
            float scale = halfToFloat(half);
            buffer.putShort(half);
            for (int i = block; i < block + 32; i++) {
                byte quantum = (byte) Math.max(-127, Math.min(127, Math.round(scale == 0 ? 0 : values[i] / scale)));
                buffer.put(quantum);
                values[i] = quantum * scale;
            }
        }

        void align() {
            while (bytes.size() % 32 != 0) {
                bytes.write(0);
            }
        }
    }

    /** To the nearest 16-bit float, for normal numbers below 65,504; smaller ones become zero. */
    static short toHalf(float value) {
        int bits = Float.floatToIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int rounded = (bits & 0x7fff_ffff) + 0x1000;
        int exponent = (rounded >>> 23) - 112;
        return (short) (exponent <= 0 ? sign : sign | (exponent << 10) | ((rounded >>> 13) & 0x3ff));
    }

    /** The value of a 16-bit float, from its definition. */
    static float halfToFloat(short half) {
        int exponent = (half >>> 10) & 0x1f;
        double fraction = (half & 0x3ff) / 1024.0;
        double magnitude = exponent == 0 ? fraction * 0x1p-14 : (1 + fraction) * Math.pow(2, exponent - 15);
        return (float) ((half & 0x8000) == 0 ? magnitude : -magnitude);
    }
}
