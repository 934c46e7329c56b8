package dev.reflexloop.codex;

import dev.reflexloop.codex.CodexReport.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Follows a ledger's chain from its header on, and says where and why it breaks. For one ledger, once. */
final class CodexVerifier {
    private static final int LONGEST_FILE = 64 << 20;

    private final Path path;
    private final List<byte[]> lines = new ArrayList<>();
    private final List<CodexEntry> entries = new ArrayList<>();
    private final Set<String> hashes = new HashSet<>();
    private final int tornBytes;
    private String firstHash = CodexLine.NO_HASH;
    private String lastHash = CodexLine.NO_HASH;
    private String publicText = "";
    private @Nullable PublicKey publicKey;

    private CodexVerifier(Path path, byte[] file) {
        this.path = path;
        int start = 0;
        for (int at = 0; at < file.length; at++) {
            if (file[at] == '\n') {
                lines.add(Arrays.copyOfRange(file, start, at));
                start = at + 1;
            }
        }
        tornBytes = file.length - start;
    }

    static CodexReport verify(Path path, Optional<String> anchor) {
        CodexVerifier verifier = new CodexVerifier(path, read(path));
        CodexReport report = verifier.run();
        if (report.sound() && anchor.isPresent() && !verifier.hashes.contains(anchor.get())) {
            return verifier.report(
                    Fault.TRUNCATED,
                    verifier.lines.size(),
                    "the anchor " + anchor.get()
                            + " is nowhere in the ledger: its end was cut off, or all of it replaced");
        }
        return report;
    }

    private static byte[] read(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(LONGEST_FILE + 1);
            if (bytes.length > LONGEST_FILE) {
                throw new CodexException(
                        path.toString(),
                        "it is longer than " + LONGEST_FILE + " bytes, which is no ledger of changes",
                        null);
            }
            return bytes;
        } catch (NoSuchFileException missing) {
            throw new CodexException(path.toString(), "there is no such file; check the path", missing);
        } catch (IOException failure) {
            throw new CodexException(
                    path.toString(),
                    "it cannot be read (" + failure + "); check the path and the permissions",
                    failure);
        }
    }

    private CodexReport run() {
        if (!lines.isEmpty() && lines.stream().allMatch(CodexVerifier::endsAsOnWindows)) {
            return report(
                    Fault.LINE_ENDS,
                    1,
                    "every line ends as on Windows: a tool converted the file; convert it back (dos2unix), and keep the tool from it");
        }
        for (int i = 0; i < lines.size(); i++) {
            Optional<CodexLine> line = CodexLine.parse(lines.get(i));
            String wrong = line.map(this::follow).orElse("its bytes do not have its hash");
            if (!wrong.isEmpty()) {
                return bad(i, line, wrong);
            }
        }
        return report(Fault.NONE, 0, "");
    }

    private static boolean endsAsOnWindows(byte[] line) {
        return line.length > 0 && line[line.length - 1] == '\r';
    }

    /** Takes a line in if it continues the chain; else says why not. */
    private String follow(CodexLine line) {
        PublicKey key = publicKey;
        if (key == null) {
            return begin(line);
        }
        if (line.sequence() != expected() || !line.previous().equals(lastHash)) {
            return "it is not what follows the line before";
        }
        if (!line.isSignedWith(key)) {
            return "it was not signed with the key " + publicText;
        }
        try {
            CodexEntry entry = line.toEntry();
            if (entry.change().kind() == Change.Kind.KEY_ROTATED) {
                publicKey = CodexKey.publicKey(entry.change().after());
                publicText = entry.change().after();
            }
            entries.add(entry);
        } catch (IllegalArgumentException malformed) {
            return "it is signed, and yet no entry: " + malformed.getMessage();
        }
        lastHash = line.hash();
        hashes.add(lastHash);
        return "";
    }

    private String begin(CodexLine line) {
        if (line.sequence() != 0) {
            return "it is no header of a ledger";
        }
        if (line.version() != CodexLine.VERSION) {
            throw new CodexException(
                    path.toString(),
                    "it was written in version " + line.version() + " of the format, and this library reads version "
                            + CodexLine.VERSION + "; use the library that wrote it, or a newer one",
                    null);
        }
        PublicKey key;
        try {
            key = CodexKey.publicKey(line.text("publicKey"));
        } catch (IllegalArgumentException noKey) {
            return "it is a header without a public key";
        }
        if (!line.isSignedWith(key)) {
            return "it was not signed with the key that it names";
        }
        publicKey = key;
        publicText = line.text("publicKey");
        firstHash = line.hash();
        lastHash = line.hash();
        hashes.add(lastHash);
        return "";
    }

    private long expected() {
        return publicKey == null ? 0 : entries.size() + 1;
    }

    private CodexReport bad(int index, Optional<CodexLine> line, String wrong) {
        if (index + 1 < lines.size()
                && CodexLine.parse(lines.get(index + 1)).filter(this::isNext).isPresent()) {
            return report(Fault.INSERTED, index + 1, wrong + ", and without it the next line would follow");
        }
        if (line.isEmpty()) {
            return report(Fault.CHANGED, index + 1, wrong);
        }
        long sequence = line.get().sequence();
        if (isNext(line.get()) || sequence < 0) {
            return report(Fault.FORGED, index + 1, wrong);
        }
        if (sequence < expected()) {
            return report(Fault.INSERTED, index + 1, wrong + ": number " + sequence + " has been before");
        }
        if (sequence == expected()) {
            return report(
                    Fault.CHANGED, index + 1, wrong + ", although its number is right: the line before is another");
        }
        for (int later = index + 1; later < lines.size(); later++) {
            if (CodexLine.parse(lines.get(later)).filter(this::isNext).isPresent()) {
                return report(
                        Fault.REORDERED,
                        index + 1,
                        wrong + ": number " + expected() + " stands in line " + (later + 1));
            }
        }
        return report(
                Fault.REMOVED, index + 1, wrong + ": number " + sequence + " stands where " + expected() + " should");
    }

    /** By its place in the chain, whoever signed it. */
    private boolean isNext(CodexLine line) {
        return line.sequence() == expected()
                && (publicKey == null || line.previous().equals(lastHash));
    }

    private CodexReport report(Fault fault, long line, String reason) {
        return new CodexReport(fault, line, reason, entries, tornBytes, firstHash, lastHash, publicText);
    }
}
