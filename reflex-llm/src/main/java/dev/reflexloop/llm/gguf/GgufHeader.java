package dev.reflexloop.llm.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The head of a GGUF file. The format is that of ggml's {@code docs/gguf.md}:
 *
 * <pre>
 *   "GGUF", u32 version, u64 tensor count, u64 metadata count
 *   metadata: string key, u32 type, value        string: u64 length, bytes        array: u32 type, u64 count, values
 *   tensors: string name, u32 dimensions, u64 each, u32 type, u64 offset from the start of the aligned data part
 * </pre>
 *
 * @param fileSize the file's length in bytes
 * @param metadata values by key: String, Long, Double, Boolean, {@link Texts} or {@link Numbers}
 * @param tensors the directory by name; every tensor lies inside the file and no two overlap
 * @param places where the parts of the head are
 */
record GgufHeader(long fileSize, Map<String, Object> metadata, Map<String, GgufTensor> tensors, Places places) {
    private static final int MAGIC = 0x4655_4747;
    private static final int MAGIC_SWAPPED = Integer.reverseBytes(MAGIC);
    private static final int MAX_ENTRIES = 1 << 20;
    private static final int MAX_NAME = 1 << 16;
    private static final int MAX_TEXT = 1 << 26;
    private static final int MAX_LIST = 1 << 24;
    private static final int STRING = 8;
    private static final int ARRAY = 9;

    /** From a byte of the file to the one before another. */
    record Range(long from, long to) {
        long size() {
            return to - from;
        }
    }

    /**
     * Where the parts of the head are, for those who copy them.
     *
     * @param version the version of the format
     * @param entries the metadata, each with its key, in the order of the file
     * @param directory the tensors' entries
     * @param alignment to what the data part and its tensors are aligned
     * @param data where the data part begins; behind the file's end where there is none
     */
    record Places(int version, Map<String, Range> entries, Range directory, int alignment, long data) {}

    /** A list of texts. */
    record Texts(List<String> values) {}

    /** A list of numbers as it is in the file: no larger in memory than there. */
    @SuppressWarnings("ArrayRecordComponent") // never compared; a copy would double the memory of a large vocabulary
    record Numbers(ValueType type, byte[] bytes) {
        float[] toFloats() {
            ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            float[] floats = new float[bytes.length / type.bytes];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = type.read(buffer).floatValue();
            }
            return floats;
        }
    }

    /** The numeric types of metadata, in the order of their numbers in the file; null stands for text and array. */
    enum ValueType {
        UINT8(0, 1),
        INT8(1, 1),
        UINT16(2, 2),
        INT16(3, 2),
        UINT32(4, 4),
        INT32(5, 4),
        FLOAT32(6, 4),
        BOOL(7, 1),
        UINT64(10, 8),
        INT64(11, 8),
        FLOAT64(12, 8);

        private final int code;
        private final int bytes;

        ValueType(int code, int bytes) {
            this.code = code;
            this.bytes = bytes;
        }

        Number read(ByteBuffer buffer) {
            return switch (this) {
                case UINT8, BOOL -> (long) (buffer.get() & 0xff);
                case INT8 -> (long) buffer.get();
                case UINT16 -> (long) (buffer.getShort() & 0xffff);
                case INT16 -> (long) buffer.getShort();
                case UINT32 -> buffer.getInt() & 0xffff_ffffL;
                case INT32 -> (long) buffer.getInt();
                case UINT64, INT64 -> buffer.getLong();
                case FLOAT32 -> (double) buffer.getFloat();
                case FLOAT64 -> buffer.getDouble();
            };
        }
    }

    static GgufHeader read(String path, FileChannel channel) throws IOException {
        return new Parser(path, new GgufInput(path, channel)).header();
    }

    private static final class Parser {
        private final String path;
        private final GgufInput in;

        Parser(String path, GgufInput in) {
            this.path = path;
            this.in = in;
        }

        GgufHeader header() throws IOException {
            int version = version();
            long tensorCount = in.u64("tensor count");
            long metadataCount = in.u64("metadata count");
            require(tensorCount, "tensors", 8 + 4 + 8 + 4 + 8);
            require(metadataCount, "metadata entries", 8 + 4 + 1);
            Map<String, Range> entries = new LinkedHashMap<>();
            Map<String, Object> metadata = metadata((int) metadataCount, entries);
            List<RawTensor> raw = new ArrayList<>();
            long directory = in.position();
            for (long i = 0; i < tensorCount; i++) {
                raw.add(rawTensor());
            }
            Range directoryRange = new Range(directory, in.position());
            int alignment = alignment(metadata);
            long data = GgufOutput.aligned(in.position(), alignment);
            Map<String, GgufTensor> tensors = place(raw, data, alignment);
            return new GgufHeader(
                    in.size(), metadata, tensors, new Places(version, entries, directoryRange, alignment, data));
        }

        private int version() throws IOException {
            int magic = in.u32("magic number");
            if (magic == MAGIC_SWAPPED) {
                throw bigEndian();
            }
            if (magic != MAGIC) {
                throw GgufFile.unusable(
                        path,
                        "it does not begin with 'GGUF'; give a model in GGUF format (llama.cpp's convert_hf_to_gguf.py makes one)");
            }
            int version = in.u32("version");
            if ((version & 0xffff) == 0 && version != 0) {
                throw bigEndian();
            }
            if (version != 2 && version != 3) {
                throw GgufFile.unusable(
                        path,
                        "it is GGUF version " + Integer.toUnsignedString(version)
                                + " and this engine reads versions 2 and 3; convert the model again with a current llama.cpp");
            }
            return version;
        }

        private RuntimeException bigEndian() {
            return GgufFile.unusable(path, "it is a big-endian GGUF file; convert the model again without --bigendian");
        }

        private void require(long count, String what, int leastBytes) {
            in.require(count, leastBytes, "number of " + what);
            if (count > MAX_ENTRIES) {
                throw corrupt("it claims " + count + " " + what + ", more than " + MAX_ENTRIES);
            }
        }

        private Map<String, Object> metadata(int count, Map<String, Range> entries) throws IOException {
            Map<String, Object> metadata = new LinkedHashMap<>();
            for (int i = 0; i < count; i++) {
                long start = in.position();
                String key = in.string("name of metadata entry " + i, MAX_NAME);
                if (metadata.putIfAbsent(key, value(key, in.u32("type of '" + key + "'"))) != null) {
                    throw corrupt("its metadata '" + key + "' is there twice");
                }
                entries.put(key, new Range(start, in.position()));
            }
            return metadata;
        }

        private Object value(String key, int typeCode) throws IOException {
            String what = "value of '" + key + "'";
            if (typeCode == STRING) {
                return in.string(what, MAX_TEXT);
            }
            if (typeCode == ARRAY) {
                return array(key, what);
            }
            ValueType type = type(key, typeCode);
            Number number =
                    type.read(ByteBuffer.wrap(in.bytes(type.bytes, what)).order(ByteOrder.LITTLE_ENDIAN));
            return type == ValueType.BOOL ? (Object) (number.longValue() != 0) : number;
        }

        private Object array(String key, String what) throws IOException {
            int elementCode = in.u32("element type of '" + key + "'");
            long count = in.u64("length of '" + key + "'");
            if (elementCode == STRING) {
                in.require(count, 8, what);
                checkList(key, count);
                List<String> texts = new ArrayList<>((int) count);
                for (long i = 0; i < count; i++) {
                    texts.add(in.string(what, MAX_TEXT));
                }
                return new Texts(Collections.unmodifiableList(texts));
            }
            ValueType type = type(key, elementCode);
            in.require(count, type.bytes, what);
            checkList(key, count);
            return new Numbers(type, in.bytes((int) count * type.bytes, what));
        }

        private void checkList(String key, long count) {
            if (count > MAX_LIST) {
                throw corrupt("its metadata '" + key + "' claims " + count + " elements, more than " + MAX_LIST);
            }
        }

        private ValueType type(String key, int code) {
            for (ValueType type : ValueType.values()) {
                if (type.code == code) {
                    return type;
                }
            }
            throw corrupt("its metadata '" + key + "' has the unknown type " + Integer.toUnsignedString(code));
        }

        /** A directory entry before it is known where the data part begins. */
        private record RawTensor(String name, GgufType type, long columns, long rows, int dimensions, long offset) {}

        private RawTensor rawTensor() throws IOException {
            String name = in.string("name of a tensor", MAX_NAME);
            int dimensions = in.u32("dimensions of tensor '" + name + "'");
            if (dimensions < 1 || dimensions > 4) {
                throw corrupt("its tensor '" + name + "' has " + Integer.toUnsignedString(dimensions) + " dimensions");
            }
            long columns = dimension(name);
            long rows = 1;
            for (int i = 1; i < dimensions; i++) {
                long each = dimension(name);
                if (Math.multiplyHigh(rows, each) != 0 || rows * each < 0) {
                    throw corrupt("its tensor '" + name + "' is larger than any memory");
                }
                rows *= each;
            }
            int typeCode = in.u32("type of tensor '" + name + "'");
            GgufType type = GgufType.ofCode(typeCode);
            if (type == null) {
                throw GgufFile.unusable(
                        path,
                        "its tensor '" + name + "' has the quantisation number "
                                + Integer.toUnsignedString(typeCode)
                                + ", which this version does not know; use a file in F32, F16 or Q8_0, or run this one with llama-server");
            }
            return new RawTensor(name, type, columns, rows, dimensions, in.u64("offset of tensor '" + name + "'"));
        }

        private long dimension(String name) throws IOException {
            long dimension = in.u64("shape of tensor '" + name + "'");
            if (dimension < 1) {
                throw corrupt("its tensor '" + name + "' has a dimension of " + Long.toUnsignedString(dimension));
            }
            return dimension;
        }

        private int alignment(Map<String, Object> metadata) {
            Object value = metadata.getOrDefault("general.alignment", 32L);
            if (!(value instanceof Long alignment)
                    || alignment < 1
                    || alignment > 1 << 20
                    || Long.bitCount(alignment) != 1) {
                throw corrupt("its alignment is '" + value + "' instead of a power of two");
            }
            return alignment.intValue();
        }

        private Map<String, GgufTensor> place(List<RawTensor> raw, long start, int alignment) {
            Map<String, GgufTensor> tensors = new LinkedHashMap<>();
            for (RawTensor each : raw) {
                long byteSize = byteSize(each);
                long room = in.size() - start;
                if (each.offset() < 0 || each.offset() > room || byteSize > room - each.offset()) {
                    throw GgufFile.unusable(
                            path,
                            "its tensor '" + each.name() + "' would end behind the file's end at byte " + in.size()
                                    + "; the file is truncated or corrupt, copy or download it again");
                }
                if (each.offset() % alignment != 0) {
                    throw corrupt("its tensor '" + each.name() + "' is not aligned to " + alignment + " bytes");
                }
                GgufTensor tensor = new GgufTensor(
                        each.name(),
                        each.type(),
                        each.columns(),
                        each.rows(),
                        each.dimensions(),
                        start + each.offset(),
                        byteSize);
                if (tensors.putIfAbsent(each.name(), tensor) != null) {
                    throw corrupt("its tensor '" + each.name() + "' is there twice");
                }
            }
            checkOverlap(tensors);
            return tensors;
        }

        private long byteSize(RawTensor tensor) {
            GgufType type = tensor.type();
            if (tensor.columns() % type.blockSize() != 0) {
                throw corrupt("its tensor '" + tensor.name() + "' has rows of " + tensor.columns()
                        + " elements, which are no whole " + type + " blocks");
            }
            long rowBlocks = tensor.columns() / type.blockSize();
            if (rowBlocks > in.size() || tensor.rows() > in.size() / rowBlocks) {
                throw GgufFile.unusable(
                        path,
                        "its tensor '" + tensor.name() + "' of " + tensor.columns() + " x " + tensor.rows()
                                + " elements is larger than the file; it is truncated or corrupt, copy or download it again");
            }
            return rowBlocks * tensor.rows() * type.blockBytes();
        }

        /** Overlapping tensors would let a small file claim any amount of memory. */
        private void checkOverlap(Map<String, GgufTensor> tensors) {
            List<GgufTensor> sorted = new ArrayList<>(tensors.values());
            sorted.sort(Comparator.comparingLong(GgufTensor::position));
            for (int i = 1; i < sorted.size(); i++) {
                GgufTensor previous = sorted.get(i - 1);
                if (previous.position() + previous.byteSize() > sorted.get(i).position()) {
                    throw corrupt("its tensors '" + previous.name() + "' and '"
                            + sorted.get(i).name() + "' overlap");
                }
            }
        }

        private RuntimeException corrupt(String reason) {
            return GgufFile.unusable(path, reason + "; the file is corrupt, copy or download it again");
        }
    }
}
