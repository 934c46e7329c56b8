package dev.reflexloop.codex;

import java.util.List;

/**
 * What a look at a ledger found. Immutable.
 *
 * @param fault what is wrong with it; {@link Fault#NONE} when nothing is
 * @param line the first bad line, counted from 1; 0 when there is none
 * @param reason what is wrong there, in words; empty when nothing is
 * @param entries the changes before the first bad line, all of them sound
 * @param tornBytes how many bytes at the end belong to a line that was never finished; a killed process leaves such a line, which was not
 *     acknowledged, so it is no fault by itself
 * @param firstHash the hash of the header, which covers the first public key; empty when the header is bad
 * @param lastHash the hash of the last sound line; empty when the header is bad
 * @param publicKey the key that signs what comes next, in base64; empty when the header is bad
 */
public record CodexReport(
        Fault fault,
        long line,
        String reason,
        List<CodexEntry> entries,
        long tornBytes,
        String firstHash,
        String lastHash,
        String publicKey) {

    /** What can be wrong with a ledger. */
    public enum Fault {
        /** Nothing: every line is as it was signed, and in its place. */
        NONE,
        /** A line is not what it was when it was signed. */
        CHANGED,
        /** A line is whole in itself, but was not signed with the key that was in charge. */
        FORGED,
        /** A line is missing before this one. */
        REMOVED,
        /** This line does not belong here; without it the next one would follow. */
        INSERTED,
        /** This line's predecessor comes later. */
        REORDERED,
        /** The anchor is nowhere in the ledger: its end was cut off, or it was replaced as a whole. */
        TRUNCATED,
        /** Every line ends as on Windows: a tool has converted the file. Convert it back. */
        LINE_ENDS
    }

    /** Copies the entries. */
    public CodexReport {
        entries = List.copyOf(entries);
    }

    /**
     * Whether nothing is wrong.
     *
     * @return true when there is no fault
     */
    public boolean sound() {
        return fault == Fault.NONE;
    }

    /**
     * The ledger for people. What stands in it cannot become markup, whatever it is.
     *
     * @return a Markdown document
     */
    public String toMarkdown() {
        return CodexMarkdown.of(this);
    }
}
