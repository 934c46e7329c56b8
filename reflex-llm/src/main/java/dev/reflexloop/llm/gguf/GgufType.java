package dev.reflexloop.llm.gguf;

import org.jspecify.annotations.Nullable;

/** How a tensor's numbers are stored: which ones a block holds and how many bytes it takes. Numbers and sizes are ggml's. */
public enum GgufType {
    /** 32-bit floats. */
    F32(0, 1, 4),
    /** 16-bit floats. */
    F16(1, 1, 2),
    /** 4-bit, 32 to a block. */
    Q4_0(2, 32, 18),
    /** 4-bit with minimum, 32 to a block. */
    Q4_1(3, 32, 20),
    /** 5-bit, 32 to a block. */
    Q5_0(6, 32, 22),
    /** 5-bit with minimum, 32 to a block. */
    Q5_1(7, 32, 24),
    /** 8-bit: blocks of one 16-bit float scale and 32 signed bytes. */
    Q8_0(8, 32, 34),
    /** 8-bit with sum, 32 to a block. */
    Q8_1(9, 32, 36),
    /** 2-bit, 256 to a block. */
    Q2_K(10, 256, 84),
    /** 3-bit, 256 to a block. */
    Q3_K(11, 256, 110),
    /** 4-bit, 256 to a block. */
    Q4_K(12, 256, 144),
    /** 5-bit, 256 to a block. */
    Q5_K(13, 256, 176),
    /** 6-bit, 256 to a block. */
    Q6_K(14, 256, 210),
    /** 8-bit, 256 to a block. */
    Q8_K(15, 256, 292),
    /** 8-bit integers. */
    I8(24, 1, 1),
    /** 16-bit integers. */
    I16(25, 1, 2),
    /** 32-bit integers. */
    I32(26, 1, 4),
    /** 64-bit integers. */
    I64(27, 1, 8),
    /** 64-bit floats. */
    F64(28, 1, 8),
    /** 16-bit brain floats. */
    BF16(30, 1, 2);

    private final int code;
    private final int blockSize;
    private final int blockBytes;

    GgufType(int code, int blockSize, int blockBytes) {
        this.code = code;
        this.blockSize = blockSize;
        this.blockBytes = blockBytes;
    }

    /**
     * The number that stands for the type in a file.
     *
     * @return ggml's number
     */
    public int code() {
        return code;
    }

    /**
     * How many elements make a block.
     *
     * @return 1, 32 or 256; a tensor's first dimension is a multiple of it
     */
    public int blockSize() {
        return blockSize;
    }

    /**
     * How many bytes a block takes.
     *
     * @return the bytes
     */
    public int blockBytes() {
        return blockBytes;
    }

    /**
     * Whether {@link GgufFile} can turn tensors of this type into floats.
     *
     * @return true for F32, F16 and Q8_0
     */
    public boolean readable() {
        return this == F32 || this == F16 || this == Q8_0;
    }

    static @Nullable GgufType ofCode(int code) {
        for (GgufType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }
}
