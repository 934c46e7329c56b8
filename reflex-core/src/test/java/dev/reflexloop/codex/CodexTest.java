package dev.reflexloop.codex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.codex.CodexReport.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written can be read, and what is changed afterwards shows. */
class CodexTest {
    private static final int ENTRIES = 6;
    private static final String HOSTILE =
            "\u0000\r\n\"}],{\"hash\":\"x\"} \ud83d\ude00 \u202e \\ </script> ,\"hash\":\"";

    @TempDir
    Path folder;

    private Path file;
    private CodexKey key;

    @BeforeEach
    void begin() {
        file = folder.resolve("ledger").resolve("codex.jsonl");
        key = CodexKey.loadOrCreate(folder.resolve("keys").resolve("codex.pem"));
    }

    private static Change change(int number) {
        Change.Kind kind = number % 2 == 0 ? Change.Kind.POLICY : Change.Kind.ADAPTER_PROMOTED;
        return new Change(kind, "subject" + number, "old" + number, "new" + number, "a person", HOSTILE);
    }

    private List<CodexEntry> write(int entries) {
        List<CodexEntry> written = new ArrayList<>();
        try (Codex codex = Codex.open(file, key)) {
            for (int i = 0; i < entries; i++) {
                written.add(codex.append(change(i)));
            }
        }
        return written;
    }

    private List<String> lines() throws IOException {
        return new ArrayList<>(List.of(Files.readString(file).split("(?<=\n)")));
    }

    private CodexReport verify(List<String> lines) throws IOException {
        Files.writeString(file, String.join("", lines));
        return Codex.verify(file);
    }

    private static void assertFault(CodexReport report, Fault fault, int line, int soundEntries) {
        assertThat(report.fault()).as(report.reason()).isEqualTo(fault);
        assertThat(report.line()).as(report.reason()).isEqualTo(line);
        assertThat(report.entries()).hasSize(soundEntries);
        assertThat(report.sound()).isFalse();
        assertThat(report.reason()).isNotEmpty();
    }

    @Test
    void changes_thatWereAppended_areReadAsTheyWere() {
        List<CodexEntry> written = write(3);
        written.addAll(write(2)); // opened again

        CodexReport report = Codex.verify(file);
        assertThat(report.sound()).isTrue();
        assertThat(report.tornBytes()).isZero();
        assertThat(report.entries().stream().map(CodexEntry::change))
                .containsExactly(change(0), change(1), change(2), change(0), change(1));
        assertThat(report.entries()).extracting(CodexEntry::sequence).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(report.entries())
                .extracting(CodexEntry::hash)
                .isEqualTo(written.stream().map(CodexEntry::hash).toList());
        assertThat(report.lastHash()).isEqualTo(written.get(4).hash());
        assertThat(report.publicKey()).isEqualTo(key.publicText());
    }

    @Test
    void everyByte_whenItIsChanged_isFoundInItsLine() throws IOException {
        write(2);
        byte[] whole = Files.readAllBytes(file);
        int line = 1;
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= 1;
            Files.write(file, changed);
            CodexReport report = Codex.verify(file);
            boolean lastEnd = at == whole.length - 1;
            assertThat(lastEnd ? report.tornBytes() > 0 : !report.sound())
                    .as("byte %s of line %s", at, line)
                    .isTrue();
            if (!lastEnd) {
                assertThat(report.line()).as("byte %s", at).isEqualTo(line);
            }
            line += whole[at] == '\n' ? 1 : 0;
        }
    }

    @Test
    void randomBytes_putWhereverOneLikes_areFound() throws IOException {
        write(ENTRIES);
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(20_261_121);
        for (int round = 0; round < 300; round++) {
            byte[] changed = whole.clone();
            int at = random.nextInt(whole.length - 1); // not the last line's end
            byte other = (byte) random.nextInt(256);
            changed[at] = other == changed[at] ? (byte) (other + 1) : other;
            Files.write(file, changed);
            CodexReport report = Codex.verify(file);
            assertThat(report.sound()).as("byte %s is now %s", at, changed[at]).isFalse();
            assertThat(report.line())
                    .isEqualTo(1
                            + new String(whole, 0, at, StandardCharsets.ISO_8859_1)
                                    .chars()
                                    .filter(c -> c == '\n')
                                    .count());
        }
    }

    @Test
    void line_thatIsRemoved_isMissed() throws IOException {
        write(ENTRIES);
        for (int gone = 1; gone < ENTRIES; gone++) {
            List<String> lines = lines();
            String removed = lines.remove(gone);
            assertFault(verify(lines), Fault.REMOVED, gone + 1, gone - 1);
            lines.add(gone, removed);
            assertThat(verify(lines).sound()).isTrue();
        }
        List<String> lines = lines();
        lines.remove(0);
        assertFault(verify(lines), Fault.REMOVED, 1, 0);
    }

    @Test
    void line_thatIsInserted_isOneTooMany() throws IOException {
        write(ENTRIES);
        List<String> lines = lines();
        for (String extra : List.of(lines.get(2), "{}\n", "\n", "garbage\n", lines.get(0))) {
            for (int at = 1; at < lines.size(); at++) {
                List<String> more = new ArrayList<>(lines);
                more.add(at, extra);
                CodexReport report = verify(more);
                boolean inPlace =
                        extra.equals(lines.get(2)) && (at == 2 || at == 3); // the second of the twins is too many
                assertFault(report, Fault.INSERTED, inPlace ? 4 : at + 1, inPlace ? 2 : at - 1);
            }
        }
    }

    @Test
    void lines_thatAreSwapped_areReordered() throws IOException {
        write(ENTRIES);
        for (int first = 1; first < ENTRIES - 1; first++) {
            List<String> lines = lines();
            Collections.swap(lines, first, first + 2);
            assertFault(verify(lines), Fault.REORDERED, first + 1, first - 1);
            Collections.swap(lines, first, first + 2);
            verify(lines);
        }
    }

    @Test
    void line_thatAnotherKeySigned_isForged() throws IOException {
        write(2);
        String last = Codex.verify(file).lastHash();
        CodexKey other = CodexKey.loadOrCreate(folder.resolve("other.pem"));
        Files.write(
                file, CodexLine.entry(3, Instant.EPOCH, change(3), last, other).toBytes(), StandardOpenOption.APPEND);

        assertFault(Codex.verify(file), Fault.FORGED, 4, 2);
    }

    @Test
    void line_ofAnotherLedgerWithTheSameKey_isFound() throws IOException {
        write(3);
        List<String> first = lines();
        Files.delete(file);
        write(3);
        List<String> second = lines();
        second.set(2, first.get(2));

        assertFault(verify(second), Fault.CHANGED, 3, 1);
    }

    @Test
    void end_thatIsCutOff_showsAgainstAnAnchorOnly() throws IOException {
        List<CodexEntry> written = write(ENTRIES);
        String anchor = written.get(3).hash();
        assertThat(Codex.verify(file, anchor).sound()).as("it has grown since").isTrue();

        List<String> lines = lines();
        assertThat(verify(lines.subList(0, 5)).sound()).isTrue();
        assertThat(Codex.verify(file, anchor).sound())
                .as("the anchor is the last one")
                .isTrue();
        assertThat(verify(lines.subList(0, 4)).sound()).isTrue();
        assertFault(Codex.verify(file, anchor), Fault.TRUNCATED, 4, 3);
    }

    @Test
    void ledger_writtenAnewWithAnotherKey_showsAgainstAnAnchorOnly() {
        write(1);
        String anchor = Codex.verify(file).firstHash();
        assertThat(file.toFile().delete()).isTrue();
        key = CodexKey.loadOrCreate(folder.resolve("thief.pem"));
        write(1);

        assertThat(Codex.verify(file).sound()).isTrue();
        assertThat(Codex.verify(file, anchor).fault()).isEqualTo(Fault.TRUNCATED);
    }

    @Test
    void lastLine_cutAtEveryByte_isTornAndCutWhenOpened() throws IOException {
        write(2);
        byte[] whole = Files.readAllBytes(file);
        int start = whole.length - lines().get(2).getBytes(StandardCharsets.UTF_8).length;
        for (int length = start + 1; length < whole.length; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));
            CodexReport torn = Codex.verify(file);
            assertThat(torn.sound()).isTrue();
            assertThat(torn.tornBytes()).isEqualTo(length - start);
            assertThat(torn.entries()).hasSize(1);

            write(1);
            CodexReport mended = Codex.verify(file);
            assertThat(mended.sound()).isTrue();
            assertThat(mended.tornBytes()).isZero();
            assertThat(mended.entries()).hasSize(2);
        }
    }

    @Test
    void header_cutAtAnyByte_isBegunAnew() throws IOException {
        write(0);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length += 11) {
            Files.write(file, Arrays.copyOf(whole, length));
            write(1);
            assertThat(Codex.verify(file).entries()).hasSize(1);
        }
    }

    @Test
    void ledger_convertedToWindowsLineEnds_isToldApart() throws IOException {
        write(2);
        Files.writeString(file, Files.readString(file).replace("\n", "\r\n"));
        assertFault(Codex.verify(file), Fault.LINE_ENDS, 1, 0);
        assertThatThrownBy(this::begunAgain).hasMessageContaining("convert it back");

        Files.writeString(file, Files.readString(file).replace("\r\n", "\n"));
        assertThat(Codex.verify(file).sound()).isTrue();

        Files.writeString(file, Files.readString(file).replaceFirst("\n", "\r\n"));
        assertFault(Codex.verify(file), Fault.CHANGED, 1, 0);
    }

    private void begunAgain() {
        write(1);
    }

    @Test
    void key_thatIsRotated_signsWhatFollows() {
        CodexKey next = CodexKey.loadOrCreate(folder.resolve("next.pem"));
        try (Codex codex = Codex.open(file, key)) {
            codex.append(change(0));
            codex.rotate(next, "a person", "every year");
            codex.append(change(1));
        }
        CodexReport report = Codex.verify(file);
        assertThat(report.sound()).isTrue();
        assertThat(report.publicKey()).isEqualTo(next.publicText());
        assertThat(report.entries().get(1).change())
                .isEqualTo(new Change(
                        Change.Kind.KEY_ROTATED,
                        "key of the codex",
                        key.publicText(),
                        next.publicText(),
                        "a person",
                        "every year"));

        assertThatThrownBy(() -> Codex.open(file, key))
                .isInstanceOf(CodexException.class)
                .hasMessageContaining("signed with the key " + next.publicText());
        key = next;
        write(1);
        assertThat(Codex.verify(file).entries()).hasSize(4);
    }

    @Test
    void rotation_thatTheOldKeyDidNotSign_isForged() throws IOException {
        write(1);
        CodexKey thief = CodexKey.loadOrCreate(folder.resolve("thief.pem"));
        Change rotation =
                new Change(Change.Kind.KEY_ROTATED, "key of the codex", key.publicText(), thief.publicText(), "x", "y");
        Files.write(
                file,
                CodexLine.entry(2, Instant.EPOCH, rotation, Codex.verify(file).lastHash(), thief)
                        .toBytes(),
                StandardOpenOption.APPEND);

        assertFault(Codex.verify(file), Fault.FORGED, 3, 1);
        try (Codex codex = Codex.open(folder.resolve("other.jsonl"), key)) {
            assertThatThrownBy(() -> codex.append(rotation)).hasMessageContaining("rotate");
        }
    }

    @Test
    void writers_twoAtOnce_areKeptApart() {
        try (Codex codex = Codex.open(file, key)) {
            assertThatThrownBy(() -> Codex.open(file, key))
                    .isInstanceOf(CodexException.class)
                    .hasMessageContaining("share that one");
            codex.append(change(0));
        }
        write(1);
        assertThat(Codex.verify(file).entries()).hasSize(2);
    }

    @Test
    void ledger_thatIsNotSound_isNotWrittenOn() throws IOException {
        write(2);
        List<String> lines = lines();
        lines.remove(1);
        verify(lines);
        byte[] before = Files.readAllBytes(file);

        assertThatThrownBy(() -> Codex.open(file, key))
                .isInstanceOf(CodexException.class)
                .hasMessageContaining("line 2 is not sound (REMOVED");
        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void change_afterTheLedgerWasClosed_isAnErrorThatNamesIt() {
        Codex codex = Codex.open(file, key);
        codex.close();
        codex.close();
        assertThatThrownBy(() -> codex.append(change(1)))
                .isInstanceOf(CodexException.class)
                .hasMessageContaining("subject1")
                .hasMessageContaining("open the ledger again");
        assertThat(Codex.verify(file).entries()).isEmpty();
    }

    @Test
    void file_thatIsNoLedger_isToldAndLeftAlone() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "my diary\n");
        assertFault(Codex.verify(file), Fault.CHANGED, 1, 0);
        assertThatThrownBy(this::begunAgain).isInstanceOf(CodexException.class);
        assertThat(file).hasContent("my diary\n");

        assertThatThrownBy(() -> Codex.verify(folder.resolve("missing"))).hasMessageContaining("no such file");
        assertThatThrownBy(() -> Codex.verify(folder)).hasMessageContaining("cannot be read");
    }

    @Test
    void ledger_ofAnotherVersion_isLeftToWhoeverReadsIt() throws Exception {
        String body = "{\"type\":\"header\",\"version\":2,\"publicKey\":\"" + key.publicText() + "\"";
        byte[] hash = CodexLine.digest().digest(body.getBytes(StandardCharsets.UTF_8));
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                body + ",\"hash\":\"" + HexFormat.of().formatHex(hash) + "\",\"signature\":\""
                        + Base64.getEncoder().encodeToString(key.sign(hash)) + "\"}\n");

        assertThatThrownBy(() -> Codex.verify(file))
                .isInstanceOf(CodexException.class)
                .hasMessageContaining("version 2 of the format");
    }

    @Test
    void file_thatIsASymbolicLink_isNotWritten() throws IOException {
        Files.createDirectories(file.getParent());
        Path victim = Files.createFile(folder.resolve("victim"));
        Files.createSymbolicLink(file, victim);
        assertThatThrownBy(this::begunAgain)
                .isInstanceOf(CodexException.class)
                .hasMessageContaining("symbolic link")
                .hasMessageContaining("name the file itself");
        assertThat(victim).isEmptyFile();
    }

    private void assertRefusesToRecord(Codex codex) {
        assertThatThrownBy(() -> codex.append(change(1)))
                .isInstanceOf(CodexException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("deleted or replaced while it was open")
                .hasMessageContaining("'subject1' is not recorded")
                .hasMessageContaining("open the codex again");
        assertThatThrownBy(() -> codex.rotate(key, "", "")).isInstanceOf(CodexException.class);
        assertThatThrownBy(() -> codex.appendIfChanged(Change.Kind.POLICY, "subject0", "new0", "", ""))
                .as("what has not changed is not recorded any more either")
                .isInstanceOf(CodexException.class);
    }

    @Test
    void file_thatWasDeletedWhileOpen_takesNothingMore() throws IOException {
        try (Codex codex = Codex.open(file, key)) {
            codex.append(change(0));
            Files.delete(file);
            assertRefusesToRecord(codex);
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void folder_thatWasDeletedWhileOpen_takesNothingMore() throws IOException {
        try (Codex codex = Codex.open(file, key)) {
            codex.append(change(0));
            for (Path each : List.of(file, file.resolveSibling("codex.jsonl.lock"), file.getParent())) {
                Files.delete(each);
            }
            assertRefusesToRecord(codex);
        }
        assertThat(file.getParent()).doesNotExist();
    }

    @Test
    void file_thatWasReplacedWhileOpen_takesNothingMoreUntilItIsBack() throws IOException {
        Path aside = folder.resolve("aside");
        try (Codex codex = Codex.open(file, key)) {
            codex.append(change(0));
            Files.move(file, aside);
            Files.copy(aside, file);
            assertRefusesToRecord(codex);
            assertThat(file).hasSameBinaryContentAs(aside);

            Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
            assertThat(codex.append(change(1)).sequence()).isEqualTo(2);
        }
        assertThat(Codex.verify(file).entries()).hasSize(2);
    }

    @Test
    void file_thatBecameASymbolicLinkWhileOpen_takesNothingMore() throws IOException {
        Path aside = folder.resolve("aside");
        try (Codex codex = Codex.open(file, key)) {
            codex.append(change(0));
            Files.move(file, aside);
            Files.createSymbolicLink(file, aside);
            assertRefusesToRecord(codex);
        }
        assertThat(Codex.verify(aside).entries()).hasSize(1);
    }

    @Test
    void change_thatIsTooLongOrOfNothing_isRefused() {
        String huge = "x".repeat(1 << 20);
        assertThatThrownBy(() -> new Change(Change.Kind.MODEL, "m", huge, "", "", ""))
                .hasMessageContaining("'before'")
                .hasMessageContaining("Codex.hashOf");
        assertThatThrownBy(() -> new Change(Change.Kind.MODEL, " ", "", "", "", ""))
                .hasMessageContaining("subject");
    }

    @Test
    void hashOf_aTextAndAFile_isTheirSha256() throws IOException {
        String ofAbc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertThat(Codex.hashOf("abc")).isEqualTo(ofAbc);
        assertThat(Codex.hashOf(Files.writeString(folder.resolve("f"), "abc"))).isEqualTo(ofAbc);
    }
}
