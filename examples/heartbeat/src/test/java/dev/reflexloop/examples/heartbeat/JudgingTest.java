package dev.reflexloop.examples.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hard-coded rules, and what words become. */
class JudgingTest {
    private final Http http = new Http();
    private final Probe api = new HttpProbe(
            "api", http.client(), URI.create("http://127.0.0.1:1"), Duration.ofSeconds(1), Duration.ofSeconds(1));
    private final Probe worker = ProcessProbe.ofCommand("worker", "worker");
    private final Probe disk = new DiskProbe("disk", Path.of("/"));

    @AfterEach
    void close() {
        http.close();
    }

    @ParameterizedTest
    @CsvSource({
        "up, 200, 20, OK",
        "up, 204, 1000, OK",
        "up, 200, 1001, WARNING",
        "redirects, 302, 1, WARNING",
        "refuses, 401, 1, WARNING",
        "fails, 503, 1, CRITICAL",
        "down, 0, 0, CRITICAL",
        "timed_out, 0, 0, CRITICAL",
        "failed, 0, 0, CRITICAL"
    })
    void http_state_isRated(String state, int status, int millis, Severity expected) {
        Map<String, Fact> facts =
                Map.of("state", Fact.of(state), "status", Fact.of(status), "latency_ms", Fact.of(millis));
        assertThat(api.judge(facts).severity()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"4.9, CRITICAL", "5, WARNING", "9.9, WARNING", "10, OK", "97, OK"})
    void disk_usableShare_isRated(double percent, Severity expected) {
        Finding finding = disk.judge(Map.of("usable_percent", Fact.of(percent)));
        assertThat(finding.severity()).isEqualTo(expected);
        assertThat(finding.words()).contains(percent + " %");
    }

    @ParameterizedTest
    @CsvSource({"alive, OK", "gone, CRITICAL", "timed_out, WARNING", "failed, WARNING"})
    void process_state_isRated(String state, Severity expected) {
        assertThat(worker.judge(Map.of("state", Fact.of(state))).severity()).isEqualTo(expected);
    }

    @Test
    void disk_notMeasured_isAWarning() {
        assertThat(disk.judge(Map.of("state", Fact.of("timed_out"))).severity()).isEqualTo(Severity.WARNING);
    }

    @Test
    void words_ofTrouble_nameOnlyWhatIsTroubled() {
        Rules rules = new Rules(List.of(api, worker, disk));
        Perception seen = Perception.builder("host", 1)
                .fact("api.state", "down")
                .fact("worker.state", "alive")
                .fact("disk.usable_percent", 8)
                .build();
        Map<String, Finding> findings = rules.findings(seen);

        assertThat(Rules.worst(findings)).isEqualTo(Severity.CRITICAL);
        assertThat(Rules.words(findings)).isEqualTo("api: cannot be reached; disk: 8.0 % of it is free");
    }

    @Test
    void changes_ofFacts_areWordsAndNoticeableNumbers() {
        Map<String, Fact> before = facts("state", "up", 100, 5);
        Map<String, Fact> now = facts("state", "down", 105, 9);
        now.put("new", Fact.of(true));
        before.put("old", Fact.of("was here"));

        assertThat(Facts.changes(before, now))
                .containsExactly(
                        change("state", "up", "down"),
                        change("large", "5", "9"),
                        change("new", "", "yes"),
                        change("old", "was here", ""));
        assertThat(Facts.changes(now, now)).isEmpty();
    }

    private static Map<String, Fact> facts(String name, String state, double small, double large) {
        Map<String, Fact> facts = new LinkedHashMap<>();
        facts.put(name, Fact.of(state));
        facts.put("small", Fact.of(small));
        facts.put("large", Fact.of(large));
        return facts;
    }

    private static Map<String, Fact> change(String name, String was, String is) {
        return Map.of("fact", Fact.of(name), "was", Fact.of(was), "is", Fact.of(is));
    }

    @Test
    void sentence_ofAReply_isTheFirstInOneLine() {
        assertThat(Reasoning.sentence("  It is\n full, 3.5 % left. More.")).contains("It is full, 3.5 % left.");
        assertThat(Reasoning.sentence("no end at all")).contains("no end at all");
        assertThat(Reasoning.sentence(" \n\u0000 ")).isEmpty();
        assertThat(Reasoning.sentence("a".repeat(1_000)).map(String::length)).isEqualTo(Optional.of(Reasoning.MOST));
    }
}
