package dev.reflexloop.llm.gguf;

import java.util.List;

/** The prompt of a stamped model, as a Jinja template. */
final class DecisionTemplate {

    /** How a family of models marks a user's turn and the answer to it; known by a marker in the file's own chat template. */
    private record Frame(String marker, String before, String after) {}

    private static final List<Frame> FRAMES = List.of(
            new Frame("<|im_start|>", "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"),
            new Frame(
                    "<|start_header_id|>",
                    "<|start_header_id|>user<|end_header_id|>\n\n",
                    "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"),
            new Frame("<start_of_turn>", "<start_of_turn>user\n", "<end_of_turn>\n<start_of_turn>model\n"));

    private static final Frame NONE = new Frame("", "", "\nLetter: ");

    /** The server takes away a line break that stands right behind a block. */
    private static final String NEW_LINE = "{{ '\\n' }}";

    private DecisionTemplate() {}

    /** What does not change from tick to tick comes first: a server keeps what it computed up to the first difference. */
    static String usual(ModelText model) {
        String chat = model.text("tokenizer.chat_template").orElse("");
        Frame frame = FRAMES.stream()
                .filter(each -> chat.contains(each.marker()) && model.tokens().contains(each.marker()))
                .findFirst()
                .orElse(NONE);
        return model.firstToken()
                + frame.before()
                + "{{ " + text("instructions") + " }}\n"
                + "{% if type == 'score' %}The answers are levels, the lowest first.{{ '\\n' }}{% endif %}"
                + "{% for option in options %}"
                + "{{ '" + ModelText.LABELS + "'[loop.index0] }}) " + option() + NEW_LINE
                + "{% endfor %}"
                + "Reply with one letter.\n\n"
                + "{{ " + text("state") + " }}"
                + frame.after();
    }

    private static String option() {
        return "{% if type == 'noul' %}{{ 'yes' if option.key == 'true' else 'no' }}{% else %}{{ option.key }}{% endif %}"
                + "{% if option.description %}: {{ " + text("option.description") + " }}{% endif %}";
    }

    private static String text(String variable) {
        return variable + " if " + variable + " is string else " + variable + " | tojson";
    }
}
