package dev.reflexloop.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.TelemetryBus;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The Java of docs/console.md that belongs to this module. */
class TelemetryPageTest {
    private static final Path PAGE = Path.of("../docs/console.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/reflexloop/telemetry/TelemetryPageTest.java");

    @Test
    void lines_ofThePage_countDecisions() {
        MeterRegistry registry = new SimpleMeterRegistry();
        OpenTelemetry openTelemetry = OpenTelemetry.noop();
        TelemetryBus bus = TelemetryBus.builder().build();
        // page
        TelemetryMetrics metrics = TelemetryMetrics.follow(bus, registry);
        TelemetrySpans spans = TelemetrySpans.follow(bus, openTelemetry);
        // end
        Play.decide(bus, 3);
        metrics.close();
        spans.close();

        assertThat(registry.get("reflex.decision").timer().count()).isEqualTo(3);
        assertThat(spans.missed()).isZero();
    }

    @Test
    void page_shows_whatIsCompiledHere() throws IOException {
        String source = Files.readString(SOURCE).replace("\r\n", "\n");
        int from = source.indexOf("// page\n") + "// page\n".length();
        String shown = source.substring(from, source.indexOf("// end\n", from))
                .stripTrailing()
                .stripIndent();
        assertThat(Files.readString(PAGE).replace("\r\n", "\n")).contains("```java\n" + shown + "\n```");
    }
}
