package dev.reflexloop.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The JSON form of a {@link PromptLayout}:
 *
 * <pre>{"format":"fused-1","schema":"...","actions":["..."],"targets":8,"fields":[
 *   {"name":"...","kind":"number","edges":[1.0],"names":["low","high"]},   names only where they differ from the edges'
 *   {"name":"...","kind":"flag"},
 *   {"name":"...","kind":"text","values":["..."]},
 *   {"name":"...","kind":"records","slots":2,"fields":[...]}]}</pre>
 *
 * <p>Unknown members are ignored, so that later versions may add some.
 */
final class LayoutJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private LayoutJson() {}

    static String write(PromptLayout layout) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("format", PromptLayout.FORMAT);
        root.put("schema", layout.schema());
        layout.actions().forEach(root.putArray("actions")::add);
        root.put("targets", layout.targets());
        writeFields(layout.fields(), root.putArray("fields"));
        return root.toString();
    }

    private static void writeFields(List<PromptField> fields, ArrayNode array) {
        for (PromptField field : fields) {
            ObjectNode node = array.addObject();
            node.put("name", field.name());
            if (field instanceof PromptField.Numbers numbers) {
                node.put("kind", "number");
                numbers.bands().edges().forEach(node.putArray("edges")::add);
                if (!numbers.bands().namedByEdges()) {
                    numbers.bands().names().forEach(node.putArray("names")::add);
                }
            } else if (field instanceof PromptField.Texts texts) {
                node.put("kind", "text");
                texts.values().forEach(node.putArray("values")::add);
            } else if (field instanceof PromptField.Records records) {
                node.put("kind", "records");
                node.put("slots", records.slots());
                writeFields(records.fields(), node.putArray("fields"));
            } else {
                node.put("kind", "flag");
            }
        }
    }

    static PromptLayout read(String json) throws JsonProcessingException {
        JsonNode root = MAPPER.readTree(json);
        String format = text(root, "format");
        if (!format.equals(PromptLayout.FORMAT)) {
            throw new IllegalArgumentException(
                    "prompt format is '" + format + "'; this version reads '" + PromptLayout.FORMAT + "'");
        }
        PromptLayout.Builder builder = PromptLayout.builder(text(root, "schema"), texts(root, "actions"));
        builder.targets(integer(root, "targets"));
        readFields(root, true).forEach(builder::field);
        return builder.build();
    }

    private static List<PromptField> readFields(JsonNode owner, boolean outer) {
        List<PromptField> fields = new ArrayList<>();
        for (JsonNode node : array(owner, "fields")) {
            String name = text(node, "name");
            String kind = text(node, "kind");
            if (kind.equals("number")) {
                List<Double> edges = new ArrayList<>();
                array(node, "edges").forEach(edge -> edges.add(edge.asDouble(Double.NaN)));
                fields.add(new PromptField.Numbers(
                        name, node.has("names") ? new Bands(edges, texts(node, "names")) : Bands.at(edges)));
            } else if (kind.equals("text")) {
                fields.add(new PromptField.Texts(name, texts(node, "values")));
            } else if (kind.equals("flag")) {
                fields.add(new PromptField.Flags(name));
            } else if (kind.equals("records") && outer) {
                fields.add(new PromptField.Records(name, integer(node, "slots"), readFields(node, false)));
            } else {
                throw new IllegalArgumentException("prompt field '" + name + "' has the kind '" + kind
                        + "'; use number, flag, text or (outside records) records");
            }
        }
        return fields;
    }

    private static String text(JsonNode owner, String member) {
        JsonNode node = owner.get(member);
        if (node == null || !node.isTextual()) {
            throw missing(member, "a text");
        }
        return node.textValue();
    }

    private static int integer(JsonNode owner, String member) {
        JsonNode node = owner.get(member);
        if (node == null || !node.isInt()) {
            throw missing(member, "a whole number");
        }
        return node.intValue();
    }

    private static JsonNode array(JsonNode owner, String member) {
        JsonNode node = owner.get(member);
        if (node == null || !node.isArray()) {
            throw missing(member, "an array");
        }
        return node;
    }

    private static List<String> texts(JsonNode owner, String member) {
        List<String> texts = new ArrayList<>();
        for (JsonNode node : array(owner, member)) {
            if (!node.isTextual()) {
                throw missing(member, "an array of texts");
            }
            texts.add(node.textValue());
        }
        return texts;
    }

    private static IllegalArgumentException missing(String member, String kind) {
        return new IllegalArgumentException("member '" + member + "' of the prompt layout is not " + kind
                + "; write it with PromptLayout.toJson()");
    }
}
