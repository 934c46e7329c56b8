package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.escalation.EscalationInbox;
import dev.reflexloop.escalation.FileEscalationSink;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrinterTest {
    @TempDir
    Path folder;

    private final ActionSchema schema = Tactic.schema(1);

    @Test
    void decision_ofAModel_isPrintedWithHowSureItIs() {
        try (ReflexLoop loop =
                ReflexLoop.builder(schema, new Rule(schema).asModel()).build()) {
            Decision decision = loop.decide(Sights.at(7).build());
            assertThat(Printer.describe(decision)).matches("tick +7  explore +\\[##########] 1\\.00 .*ms  model .*");
        }
    }

    @Test
    void decision_thatNoModelMade_isPrintedWithoutABar() {
        ReflexLoop loop = ReflexLoop.builder(schema, new Rule(schema).asModel()).build();
        loop.close();
        assertThat(Printer.describe(loop.decide(Sights.at(7).build())))
                .doesNotContain("[")
                .contains("fallback", "closed");
    }

    @Test
    void situation_thatIsHandedOver_isPrintedOnceWithItsOptions() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (EscalationInbox inbox =
                        EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
                FileEscalationSink sink = FileEscalationSink.builder(folder.resolve("escalation.txt"))
                        .inbox(inbox)
                        .build();
                ReflexLoop loop = ReflexLoop.builder(schema, new Rule(schema).asModel())
                        .escalateWhen(Counsel.policy())
                        .escalateTo(sink)
                        .build();
                Printer printer = new Printer(new PrintStream(printed, true, StandardCharsets.UTF_8), false)) {
            for (int tick = 0; tick < 3; tick++) {
                printer.decision(loop.decide(Sights.at(tick)
                        .fact(Sight.SITUATION, "dialogue")
                        .fact(Sight.WORDS, "Fargoth\u001b asks.")
                        .option("ring.give", "talk", "Give it")
                        .option("ring.keep", "talk", "Keep it")
                        .build()));
            }
        }
        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .filteredOn(line -> line.startsWith("asked"))
                .containsExactly("asked: Fargoth? asks. 1) Give it, 2) Keep it");
    }
}
