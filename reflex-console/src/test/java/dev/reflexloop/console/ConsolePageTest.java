package dev.reflexloop.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.review.Review;
import dev.reflexloop.console.web.ConsoleServer;
import dev.reflexloop.escalation.EscalationInbox;
import dev.reflexloop.testkit.ScriptedModel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of docs/console.md: what stands there is what is compiled and run here. */
class ConsolePageTest {
    private static final Path PAGE = Path.of("../docs/console.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/reflexloop/console/ConsolePageTest.java");

    @TempDir
    Path folder;

    @Test
    void lines_ofThePage_serveADecisionOfTheLoop() throws IOException, InterruptedException {
        ReflexModel model = ScriptedModel.answering("explore");
        ActionSchema schema = ActionSchema.builder("town")
                .action("explore", "")
                .action("wait", "")
                .idle("wait")
                .build();
        EscalationInbox inbox =
                EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
        // page: loop
        TelemetryBus bus =
                TelemetryBus.builder().file(folder.resolve("telemetry.jsonl")).build();
        TrajectoryLogger log = TrajectoryLogger.file(folder.resolve("trajectory.jsonl"));
        ReflexLoop loop =
                ReflexLoop.builder(schema, model).telemetry(bus).logger(log).build();
        // end: loop
        // page: server
        ConsoleServer console = ConsoleServer.builder(bus)
                .decisions(DecisionArchive.open(List.of(folder)))
                .review(Review.open(List.of(folder)))
                .escalations(EscalationDesk.of(inbox))
                .model(model)
                .start();
        System.out.println(console.uri());
        // end: server
        try (inbox;
                log;
                bus;
                loop;
                console) {
            Decision decision =
                    loop.decide(Perception.builder("bot", 1).fact("health", 90).build());
            assertThat(log.flush(Duration.ofSeconds(20))).isTrue();

            assertThat(get(console.uri().resolve("/logs?event=decision"))).contains(decision.id());
            assertThat(get(console.uri().resolve("/decisions/" + decision.id())))
                    .contains("\"health\"");
        }
    }

    @Test
    void page_shows_whatIsCompiledHere() throws IOException {
        String source = Files.readString(SOURCE).replace("\r\n", "\n");
        String page = Files.readString(PAGE).replace("\r\n", "\n");
        Stream.of("loop", "server").forEach(name -> {
            int from = source.indexOf("// page: " + name + "\n") + ("// page: " + name + "\n").length();
            String shown = source.substring(from, source.indexOf("// end: " + name + "\n", from))
                    .stripTrailing()
                    .stripIndent();
            assertThat(page).contains("```java\n" + shown + "\n```");
        });
    }

    private static String get(URI uri) throws IOException, InterruptedException {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }
}
