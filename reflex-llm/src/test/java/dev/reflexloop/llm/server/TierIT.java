package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Deadline;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.llm.GgufFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why one server serves one tier: what a reflex waits beside a strategist's long prompt, on the same server and on one of its own. */
final class TierIT {
    private static final int LONG_PROMPT = 1_900;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ActionSchema SCHEMA = ActionSchema.builder("duel")
            .action("fight", "")
            .action("wait", "")
            .idle("wait")
            .build();

    @TempDir
    Path folder;

    private final Random random = new Random(17);

    @BeforeAll
    static void requireServer() {
        ServedModels.requireServer();
    }

    @Test
    void ask_besideALongPrompt_waitsOnTheSameServerAndNotOnItsOwn() throws Exception {
        GgufFixture.Shape shape = new GgufFixture.Shape(4, 512, 1_536, 8, 2, 4_096, true);
        Path file = ServedModels.plain(shape).write(folder.resolve("large.gguf"));
        try (LlamaServer both = start(file, "both");
                LlamaServer fast = start(file, "fast")) {
            Waits shared = waits(both, both);
            Waits apart = waits(fast, both);
            System.out.printf(
                    "a reflex beside a long prompt: on the same server it waited %.0f of %.0f ms, %d times; on its own at most %.0f of %.0f ms, %.1f ms at the"
                            + " median of %d%n",
                    shared.longest(),
                    shared.prompt(),
                    shared.reflexes().size(),
                    apart.longest(),
                    apart.prompt(),
                    apart.median(),
                    apart.reflexes().size());

            assertThat(shared.longest()).isGreaterThan(shared.prompt() / 2);
            assertThat(apart.longest()).isLessThan(apart.prompt() / 2);
            assertThat(apart.median()).isLessThan(apart.prompt() / 10);
        }
    }

    private static LlamaServer start(Path file, String tier) {
        return LlamaServer.builder(file)
                .name(tier)
                .threads(1)
                .slots(2)
                .context(2_048)
                .start();
    }

    /**
     * Asks reflex after reflex of one server while another, or the same, reads a long prompt in its first slot. The reflexes have the second
     * one: llama-server fills its batches slot by slot, so that those behind a long prompt wait for all of it, those before it for a batch or
     * two.
     */
    private Waits waits(LlamaServer reflexes, LlamaServer strategist) throws Exception {
        List<Double> waits = new ArrayList<>();
        try (LlamaServerModel model =
                        LlamaServerModel.builder(reflexes.endpoint()).build();
                ServerClient client = new ServerClient(strategist.endpoint(), "strategist")) {
            ask(model, "first slot", 0);
            ask(model, "bot", 0);
            ask(model, "bot", 1);
            long begun = System.nanoTime();
            CompletableFuture<Long> read = client.post("/completion", longPrompt(), soon(), reply -> System.nanoTime());
            for (int tick = 2; !read.isDone(); tick++) {
                waits.add(ask(model, "bot", tick));
            }
            return new Waits(waits, (read.get(1, TimeUnit.SECONDS) - begun) / 1e6);
        }
    }

    private static double ask(LlamaServerModel model, String entity, int tick) throws Exception {
        Question question = Question.about(
                SCHEMA, Perception.builder(entity, tick).fact("energy", tick).build());
        long begun = System.nanoTime();
        model.ask(question, soon()).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        return (System.nanoTime() - begun) / 1e6;
    }

    private byte[] longPrompt() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < LONG_PROMPT; i++) {
            text.append((char) ('0' + random.nextInt(10)));
        }
        ObjectNode request = new ObjectMapper()
                .createObjectNode()
                .put("prompt", text.toString())
                .put("n_predict", 1)
                .put("id_slot", 0);
        return new ObjectMapper().writeValueAsBytes(request);
    }

    private static Deadline soon() {
        return Deadline.in(PATIENCE, ReflexClock.system());
    }

    /**
     * Milliseconds.
     *
     * @param reflexes what each reflex waited
     * @param prompt what the long prompt took
     */
    private record Waits(List<Double> reflexes, double prompt) {
        double longest() {
            return Collections.max(reflexes);
        }

        double median() {
            return reflexes.stream().sorted().toList().get(reflexes.size() / 2);
        }
    }
}
