package dev.reflexloop.console.logfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
    @TempDir
    Path folder;

    private Path log;

    @BeforeEach
    void setUp() {
        log = folder.resolve("telemetry.jsonl");
    }

    private void append(String text) throws IOException {
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private void rotate(int number) throws IOException {
        Files.move(log, folder.resolve("telemetry." + number + ".jsonl"));
    }

    private static List<String> all(LogTail tail) {
        List<String> lines = new ArrayList<>();
        Optional<String> line = tail.next();
        while (line.isPresent()) {
            lines.add(line.get());
            line = tail.next();
        }
        return lines;
    }

    @Test
    void log_thatIsNotThereYet_isReadOnceItIs() throws IOException {
        try (LogTail tail = new LogTail(log)) {
            assertThat(all(tail)).isEmpty();
            append("a\n");
            assertThat(all(tail)).containsExactly("a");
        }
    }

    @Test
    void line_writtenInTwoParts_isGivenOnceItEnds() throws IOException {
        append("a\nhal");
        try (LogTail tail = new LogTail(log)) {
            assertThat(all(tail)).containsExactly("a");
            append("f\n");
            assertThat(all(tail)).containsExactly("half");
        }
    }

    @Test
    void rotations_moreThanOneBetweenTwoLooks_loseNothing() throws IOException {
        append("a\n");
        try (LogTail tail = new LogTail(log)) {
            assertThat(all(tail)).containsExactly("a");
            append("b\n");
            rotate(1);
            append("c\n");
            rotate(2);
            append("d\n");
            assertThat(all(tail)).containsExactly("b", "c", "d");
            assertThat(all(tail)).isEmpty();
        }
    }

    @Test
    void rotatedFiles_areReadInTheOrderOfTheirNumbers() throws IOException {
        for (int i = 1; i <= 11; i++) {
            append(i + "\n");
            rotate(i);
        }
        append("12\n");
        try (LogTail tail = new LogTail(log)) {
            assertThat(all(tail)).containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12");
        }
    }

    @Test
    void log_thatWasReplaced_isReadFromItsBeginning() throws IOException {
        append("a\n");
        try (LogTail tail = new LogTail(log)) {
            assertThat(all(tail)).containsExactly("a");
            Path other = folder.resolve("other.txt");
            Files.writeString(other, "b\n");
            Files.delete(log);
            Files.move(other, log);
            assertThat(all(tail)).containsExactly("b");
        }
    }

    @Test
    void line_longerThanAnyOfALog_isLeftOutAndCounted() throws IOException {
        append("a\n" + "x".repeat(5 << 20) + "\nb\n");
        try (LogLines lines = LogLines.open(log)) {
            assertThat(lines.next()).contains("a");
            assertThat(lines.next()).contains("b");
            assertThat(lines.next()).isEmpty();
            assertThat(lines.tooLong()).isEqualTo(1);
        }
    }

    @Test
    void files_ofOneLog_areFoundInTheirOrder() throws IOException {
        for (int i = 1; i <= 2; i++) {
            append("{\"at\":\"" + i + "\"}\n");
            rotate(i);
        }
        append("{\"at\":\"3\"}\n");
        Files.writeString(folder.resolve("other.jsonl"), "{\"who\":1}\n");
        Files.writeString(folder.resolve("run.jsonl"), "{\"type\":\"header\",\"version\":1}\n");

        assertThat(LogFiles.find(List.of(folder)).entrySet().stream()
                        .map(each -> each.getKey().getFileName() + " " + each.getValue()))
                .containsExactly(
                        "run.jsonl TRAJECTORY",
                        "telemetry.1.jsonl TELEMETRY",
                        "telemetry.2.jsonl TELEMETRY",
                        "telemetry.jsonl TELEMETRY");
        assertThat(LogFiles.find(List.of(log))).hasSize(3);
    }
}
