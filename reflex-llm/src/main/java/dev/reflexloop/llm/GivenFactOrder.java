package dev.reflexloop.llm;

import dev.reflexloop.Perception;
import java.util.List;
import java.util.Map;

/** The perception's own order. */
record GivenFactOrder() implements FactOrder {
    @Override
    public List<String> arrange(Perception perception, Map<String, String> shown) {
        return List.copyOf(shown.keySet());
    }
}
