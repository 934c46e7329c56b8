package dev.reflexloop.llm;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a model wrote, taken apart into the JSON objects in it and what is around them. Immutable.
 *
 * @param objects the outermost JSON objects, in order, each as it stands in the text
 * @param around the text with a line break in the place of each object
 */
public record JsonInText(List<String> objects, String around) {
    /** So many opening braces are tried as the beginning of JSON. */
    private static final int MOST_OBJECTS = 32;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern REASONING = Pattern.compile("<think>.*?</think>", Pattern.DOTALL);
    private static final Pattern FENCE = Pattern.compile("^\\s*```.*$", Pattern.MULTILINE);

    /** Copies. */
    public JsonInText {
        objects = List.copyOf(objects);
    }

    /**
     * Takes a text apart. Never fails: braces that begin no JSON stay in the text around, and so does what comes after 32 of them.
     *
     * @param text what a model wrote; cut it before, the cost grows with its length
     * @return the objects, and the text around them without Markdown fences; what stands between {@code <think>} marks is in neither
     */
    public static JsonInText of(String text) {
        String said = REASONING.matcher(text).replaceAll("");
        List<String> objects = new ArrayList<>();
        StringBuilder around = new StringBuilder(said.length());
        int from = 0;
        int tried = 0;
        for (int open = said.indexOf('{'); open >= 0 && tried < MOST_OBJECTS; open = said.indexOf('{', open)) {
            tried++;
            int length = object(said.substring(open));
            if (length == 0) {
                open++;
                continue;
            }
            objects.add(said.substring(open, open + length));
            around.append(said, from, open).append('\n');
            open += length;
            from = open;
        }
        around.append(said, from, said.length());
        return new JsonInText(objects, FENCE.matcher(around).replaceAll(""));
    }

    /** The length of the JSON object at the beginning of a text; 0 if there is none. */
    private static int object(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            JSON.readTree(parser);
            return (int) parser.currentLocation().getCharOffset();
        } catch (IOException | RuntimeException malformed) { // a model wrote it: braces in prose are no error
            return 0;
        }
    }
}
