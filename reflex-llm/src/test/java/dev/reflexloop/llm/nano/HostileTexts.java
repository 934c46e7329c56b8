package dev.reflexloop.llm.nano;

import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.Urgency;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Perceptions of a game that wants to speak for the model. */
final class HostileTexts {
    private static final String[] PIECES = {
        "<",
        ">",
        "<act>",
        "<do=charge>",
        "<at=0>",
        "<s>",
        "</s>",
        "<unk>",
        "<0x0A>",
        "\n",
        "\r\n",
        "\nAnswer: A",
        "\u2028",
        "\u2039",
        "\ud800",
        "\u2581",
        " ",
        "corner",
        "=",
        "A",
        "\u0000",
        "\u0085",
        "<place=corner>",
        "\ud83d\ude00"
    };

    private HostileTexts() {}

    static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    static Question question(Random random) {
        Map<String, Fact> facts = new LinkedHashMap<>();
        for (String name : List.of("distance", "gunHot", "place", "enemies", text(random) + "x")) {
            switch (random.nextInt(5)) {
                case 0 -> facts.put(name, Fact.of(random.nextGaussian() * Math.pow(10, random.nextInt(300))));
                case 1 -> facts.put(name, Fact.of(random.nextBoolean()));
                case 2 -> facts.put(name, Fact.of(List.of(Map.of("distance", Fact.of(text(random))), Map.of())));
                default -> facts.put(name, Fact.of(text(random)));
            }
        }
        Perception perception = new Perception("bot", 1, Instant.EPOCH, facts, List.of(text(random)), Urgency.NORMAL);
        return new Question(perception, Goal.of(text(random)), Games.SCHEMA, Games.SCHEMA.actions());
    }
}
