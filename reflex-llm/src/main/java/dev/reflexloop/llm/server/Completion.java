package dev.reflexloop.llm.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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

    /** For {@code /tokenize}. */
    static byte[] tokenize(String text, boolean special) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("content", text);
            json.writeBooleanField("add_special", !special);
            json.writeBooleanField("parse_special", special);
            json.writeBooleanField("with_pieces", special);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("a byte array refused a write", impossible);
        }
        return bytes.toByteArray();
    }

    /** For {@code /completion}: computes the beginning of a prompt and answers nothing. */
    static byte[] warm(int[] prompt, int length, int slot) {
        return bytes(prompt(prompt, length, slot, 0).append(",\"response_fields\":[\"timings\"]}"));
    }

    /**
     * For {@code /completion}: scores labels behind a prompt. All labels get the same bias, which lifts them above every other token and
     * leaves their shares among themselves as they are.
     *
     * @param legalMass whether to ask for the probabilities before the bias
     */
    static byte[] score(int[] prompt, int slot, Labels labels, boolean legalMass) {
        int count = labels.tokens().length;
        StringBuilder json = prompt(prompt, prompt.length, slot, 1)
                .append(",\"temperature\":1,\"samplers\":[\"top_k\"")
                .append(legalMass ? "" : ",\"temperature\"")
                .append("],\"top_k\":")
                .append(legalMass ? 1 : count)
                .append(",\"n_probs\":")
                .append(legalMass ? Math.max(TOP, 2 * count) : count)
                .append(",\"post_sampling_probs\":")
                .append(!legalMass)
                .append(",\"logit_bias\":[");
        for (int i = 0; i < count; i++) {
            json.append(i == 0 ? "[" : ",[")
                    .append(labels.tokens()[i])
                    .append(',')
                    .append(BIAS)
                    .append(']');
        }
        return bytes(json.append("],\"response_fields\":[\"completion_probabilities\",\"timings\"]}"));
    }

    /** By hand, because it is all numbers and part of every tick. */
    private static StringBuilder prompt(int[] prompt, int length, int slot, int predicted) {
        StringBuilder json = new StringBuilder(1_024).append("{\"prompt\":[");
        for (int i = 0; i < length; i++) {
            json.append(i == 0 ? "" : ",").append(prompt[i]);
        }
        return json.append("],\"n_predict\":")
                .append(predicted)
                .append(",\"id_slot\":")
                .append(slot)
                .append(",\"cache_prompt\":true");
    }

    private static byte[] bytes(StringBuilder json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads a reply to {@link #score}.
     *
     * @throws IOException when it is not a distribution over exactly these labels, or in the case of legal mass over tokens
     */
    static Scores scores(JsonParser json, Labels labels, boolean legalMass) throws IOException {
        CompletionReply reply = CompletionReply.scored(json, legalMass);
        double[] values = new double[labels.tokens().length];
        Arrays.fill(values, Double.NaN);
        double lowest = Double.POSITIVE_INFINITY;
        for (CompletionReply.Entry entry : reply.entries()) {
            double value = value(entry, legalMass);
            lowest = Math.min(lowest, value);
            int label = labels.indexOf(entry.id());
            if (label < 0 && legalMass) {
                continue;
            }
            if (label < 0 || !Double.isNaN(values[label])) {
                throw new IOException("the reply rates a token that is no label, or one twice");
            }
            labels.check(label, entry.token());
            values[label] = value;
        }
        return legalMass ? bounded(reply, values, lowest) : exact(reply, values);
    }

    private static double value(CompletionReply.Entry entry, boolean logarithm) throws IOException {
        double value = logarithm ? Math.exp(entry.value()) : entry.value();
        if (!(value >= 0 && value <= 1 + SUM_TOLERANCE)) {
            throw new IOException("the reply holds a probability that is none");
        }
        return value;
    }

    private static Scores exact(CompletionReply reply, double[] values) throws IOException {
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
        return new Scores(shares(values, sum), OptionalDouble.empty(), reply.cost());
    }

    /** A label outside the list counts with the last entry's probability, its upper bound; the mass counts only what is known. */
    private static Scores bounded(CompletionReply reply, double[] values, double lowest) throws IOException {
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
        return new Scores(shares(values, sum), OptionalDouble.of(Math.min(1, known)), reply.cost());
    }

    private static double[] shares(double[] values, double sum) {
        for (int i = 0; i < values.length; i++) {
            values[i] /= sum;
        }
        return values;
    }
}
