package dev.reflexloop.llm.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What is wanted of a reply to {@code /completion}, read while it is parsed: most of it is not wanted, and it is part of every tick. What is
 * missing or of another kind than it should be counts as not said. One thread at a time.
 */
final class CompletionReply {
    /** A token that the server rated; the value is not a number where it gave none. */
    record Entry(int id, String token, double value) {}

    private final JsonParser json;
    private final String list;
    private final String number;
    private final List<Entry> entries = new ArrayList<>();
    private Completion.Cost cost = Completion.Cost.NOTHING;

    /** What is done with the value of a field; it ends at the value's last token. */
    @FunctionalInterface
    private interface Field {
        void read(String name) throws IOException;
    }

    /**
     * @param json stands before the reply
     * @param list the name of the list of rated tokens
     * @param number the name of their ratings
     */
    private CompletionReply(JsonParser json, String list, String number) {
        this.json = json;
        this.list = list;
        this.number = number;
    }

    /** A reply to {@link Completion#score}. */
    static CompletionReply scored(JsonParser json, boolean logarithms) throws IOException {
        CompletionReply reply =
                new CompletionReply(json, logarithms ? "top_logprobs" : "top_probs", logarithms ? "logprob" : "prob");
        reply.read();
        return reply;
    }

    /** What a reply to {@link Completion#warm} says that it cost. */
    static Completion.Cost cost(JsonParser json) throws IOException {
        return scored(json, false).cost;
    }

    /** The tokens rated for the first place behind the prompt. */
    List<Entry> entries() {
        return entries;
    }

    Completion.Cost cost() {
        return cost;
    }

    private void read() throws IOException {
        JsonToken first = json.nextToken();
        if (first != JsonToken.START_OBJECT) {
            throw new IOException(first == null ? "it is empty" : "the reply is no object");
        }
        fields(name -> {
            if (name.equals("completion_probabilities") && json.currentToken() == JsonToken.START_ARRAY) {
                places();
            } else if (name.equals("timings") && json.currentToken() == JsonToken.START_OBJECT) {
                timings();
            }
        });
    }

    /** The parser is at an object's begin; afterwards it is at its end. What a field does not read is skipped. */
    private void fields(Field field) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            field.read(name);
            json.skipChildren();
        }
    }

    private void places() throws IOException {
        for (int place = 0; json.nextToken() != JsonToken.END_ARRAY; place++) {
            if (place == 0 && json.currentToken() == JsonToken.START_OBJECT) {
                fields(name -> {
                    if (name.equals(list) && json.currentToken() == JsonToken.START_ARRAY) {
                        ratings();
                    }
                });
            }
            json.skipChildren();
        }
    }

    private void ratings() throws IOException {
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.START_OBJECT) {
                throw new IOException("the reply rates something that is no token");
            }
            entries.add(rating());
        }
    }

    private Entry rating() throws IOException {
        int id = -1;
        String token = "";
        double value = Double.NaN;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            JsonToken kind = json.nextToken();
            if (name.equals("id") && kind == JsonToken.VALUE_NUMBER_INT) {
                id = json.getIntValue();
            } else if (name.equals("token") && kind == JsonToken.VALUE_STRING) {
                token = json.getText();
            } else if (name.equals(number) && kind.isNumeric()) {
                value = json.getDoubleValue();
            }
            json.skipChildren();
        }
        return new Entry(id, token, value);
    }

    private void timings() throws IOException {
        double[] read = new double[4];
        fields(name -> {
            if (json.currentToken().isNumeric()) {
                int at = List.of("prompt_n", "cache_n", "prompt_ms", "predicted_ms")
                        .indexOf(name);
                if (at >= 0) {
                    read[at] = Math.max(0, json.getDoubleValue());
                }
            }
        });
        cost = new Completion.Cost((int) read[0], (int) read[1], (long) ((read[2] + read[3]) * 1e6));
    }
}
