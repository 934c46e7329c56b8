package dev.reflexloop.console.web;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.llm.nano.NanoModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The committed model of the Robocode example, and questions that it knows. */
final class NanoGame {
    private static final String MODEL = "/dev/reflexloop/examples/robocode/nano.gguf";

    private NanoGame() {}

    static Path file(Path folder) throws IOException {
        Path file = folder.resolve("nano.gguf");
        try (InputStream in = NanoGame.class.getResourceAsStream(MODEL)) {
            Files.copy(in, file);
        }
        return file;
    }

    static NanoModel load(Path folder) throws IOException {
        return NanoModel.load(file(folder));
    }

    static ActionSchema schema() {
        ActionSchema.Builder builder = ActionSchema.builder("robocode");
        for (String name :
                new String[] {"charge", "strafe", "retreat", "ram", "hold_fire", "hunt", "circle_wall", "snipe", "dodge"
                }) {
            builder.action(name, "what " + name + " does");
        }
        return builder.idle("strafe").build();
    }

    static Perception perception(long tick) {
        double number = tick;
        return Perception.builder("robot", tick)
                .fact("energy", 20 + number * 7 % 80)
                .fact("distance", 100 + number * 53 % 500)
                .fact("others", 1 + number % 5)
                .build();
    }
}
