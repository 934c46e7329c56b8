package dev.reflexloop.llm.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.OptionalDouble;

/** Requests to llama-server, and how the replies to them are read. */
final class Completion {
    private static final int TOP = 128;
    private static final int BIAS = 100;
    private static final double SUM_TOLERANCE = 0.02;
    private static final JsonFactory JSON = new JsonFactory();

    private Completion() {}

    /** What a server says about some labels. {@code probabilities} are in the labels' order and sum to one. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Scores(double[] probabilities, OptionalDouble legalMass, Cost cost) {
        int best() {
            int best = 0;
            for (int i = 1; i < probabilities.length; i++) {
                best = probabilities[i] > probabilities[best] ? i : best;
            }
            return best;
        }
    }

    /** What a reply says that it cost. */
    record Cost(int evaluated, int cached, long nanos) {
        static final Cost NOTHING = new Cost(0, 0, 0);

        /** Both; what the second one took from the cache is what the first one evaluated or took. */
        Cost plus(Cost more) {
            return new Cost(evaluated + more.evaluated, evaluated == 0 ? more.cached : cached, nanos + more.nanos);
        }
    }

    /** Writes the fields of a JSON object. */
    @FunctionalInterface
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private static byte[] object(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("a byte array refused a write", impossible);
        }
        return bytes.toByteArray();
    }

    /** For {@code /tokenize}. */
    static byte[] tokenize(String text, boolean special) {
        return object(json -> {
            json.writeStringField("content", text);
            json.writeBooleanField("add_special", !special);
            json.writeBooleanField("parse_special", special);
            json.writeBooleanField("with_pieces", special);
        });
    }

    /** For {@code /completion}: computes the beginning of a prompt and answers nothing. */
    static byte[] warm(int[] prompt, int length, int slot) {
        return object(json -> {
            prompt(json, prompt, length, slot, 0);
            json.writeArrayFieldStart("response_fields");
            json.writeString("timings");
            json.writeEndArray();
        });
    }

    /**
     * For {@code /completion}: scores labels behind a prompt. All labels get the same bias, which lifts them above every other token and
     * leaves their shares among themselves as they are.
     *
     * @param legalMass whether to ask for the probabilities before the bias
     */
    static byte[] score(int[] prompt, int slot, Labels labels, boolean legalMass) {
        int count = labels.tokens().length;
        return object(json -> {
            prompt(json, prompt, prompt.length, slot, 1);
            json.writeNumberField("temperature", 1);
            json.writeArrayFieldStart("samplers");
            json.writeString("top_k");
            if (!legalMass) {
                json.writeString("temperature");
            }
            json.writeEndArray();
            json.writeNumberField("top_k", legalMass ? 1 : count);
            json.writeNumberField("n_probs", legalMass ? Math.max(TOP, 2 * count) : count);
            json.writeBooleanField("post_sampling_probs", !legalMass);
            json.writeArrayFieldStart("logit_bias");
            for (int token : labels.tokens()) {
                json.writeStartArray();
                json.writeNumber(token);
                json.writeNumber(BIAS);
                json.writeEndArray();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("response_fields");
            json.writeString("completion_probabilities");
            json.writeString("timings");
            json.writeEndArray();
        });
    }

    private static void prompt(JsonGenerator json, int[] prompt, int length, int slot, int predicted)
            throws IOException {
        json.writeFieldName("prompt");
        json.writeArray(prompt, 0, length);
        json.writeNumberField("n_predict", predicted);
        json.writeNumberField("id_slot", slot);
        json.writeBooleanField("cache_prompt", true);
    }

    /**
     * Reads a reply to {@link #score}.
     *
     * @throws IOException when it is not a distribution over exactly these labels, or in the case of legal mass over tokens
     */
    static Scores scores(JsonNode reply, Labels labels, boolean legalMass) throws IOException {
        JsonNode first = reply.path("completion_probabilities").path(0);
        JsonNode entries = first.path(legalMass ? "top_logprobs" : "top_probs");
        double[] values = new double[labels.tokens().length];
        Arrays.fill(values, Double.NaN);
        double lowest = Double.POSITIVE_INFINITY;
        for (JsonNode entry : entries) {
            double value = value(entry, legalMass);
            lowest = Math.min(lowest, value);
            int label = labels.indexOf(entry.path("id").asInt(-1));
            if (label < 0 && legalMass) {
                continue;
            }
            if (label < 0 || !Double.isNaN(values[label])) {
                throw new IOException("the reply rates a token that is no label, or one twice");
            }
            labels.check(label, entry.path("token").asText(""));
            values[label] = value;
        }
        return legalMass ? bounded(reply, values, lowest) : exact(reply, values);
    }

    private static double value(JsonNode entry, boolean logarithm) throws IOException {
        JsonNode number = entry.path(logarithm ? "logprob" : "prob");
        double given = number.isNumber() ? number.asDouble() : Double.NaN;
        double value = logarithm ? Math.exp(given) : given;
        if (!(value >= 0 && value <= 1 + SUM_TOLERANCE)) {
            throw new IOException("the reply holds a probability that is none");
        }
        return value;
    }

    private static Scores exact(JsonNode reply, double[] values) throws IOException {
        double sum = 0;
        for (double value : values) {
            if (Double.isNaN(value)) {
                throw new IOException("the reply does not rate every label");
            }
            sum += value;
        }
        if (Math.abs(sum - 1) > SUM_TOLERANCE) {
            throw new IOException("the probabilities in the reply add up to " + sum);
        }
        return new Scores(shares(values, sum), OptionalDouble.empty(), cost(reply));
    }

    /** A label outside the list counts with the last entry's probability, its upper bound; the mass counts only what is known. */
    private static Scores bounded(JsonNode reply, double[] values, double lowest) throws IOException {
        double known = 0;
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            if (Double.isNaN(values[i])) {
                values[i] = lowest;
            } else {
                known += values[i];
            }
            sum += values[i];
        }
        if (!(sum > 0 && known <= 1 + SUM_TOLERANCE && sum < Double.POSITIVE_INFINITY)) {
            throw new IOException("the probabilities in the reply add up to " + known);
        }
        return new Scores(shares(values, sum), OptionalDouble.of(Math.min(1, known)), cost(reply));
    }

    private static double[] shares(double[] values, double sum) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= sum;
        }
        return values;
    }

    /** What a reply says that it cost; nothing where it says nothing. */
    static Cost cost(JsonNode reply) {
        JsonNode timings = reply.path("timings");
        double millis = timings.path("prompt_ms").asDouble(0)
                + timings.path("predicted_ms").asDouble(0);
        return new Cost(
                Math.max(0, timings.path("prompt_n").asInt(0)),
                Math.max(0, timings.path("cache_n").asInt(0)),
                (long) (Math.max(0, millis) * 1e6));
    }
}
