package dev.reflexloop.llm.calibration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.UnusableModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How to turn a model's probabilities into calibrated ones: {@code p' ~ p^(1/T) / prior}, renormalised. Immutable.
 *
 * <p>The temperature T depends on the number of options (Guo et al., "On calibration of modern neural networks", ICML 2017); above one it
 * takes confidence away. The prior of a label is what the model says for it without a reason, and is divided out (Zhao et al., "Calibrate
 * before use", ICML 2021). The temperature comes first, because that is the part that a server with a stamped temperature can do itself.
 *
 * @param temperatures by number of options, above zero; 1 where there is none
 * @param priors by action name, above zero, in any scale; 1 where there is none
 */
public record Calibration(Map<OptionCount, Double> temperatures, Map<String, Double> priors) {
    private static final String FORMAT = "reflex-calibration";
    private static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Logs keep six decimals: what is smaller is not known to be impossible. */
    static final double SMALLEST = 1e-6;

    /** Checks and copies. */
    public Calibration {
        temperatures.forEach((options, temperature) -> positive(temperature, "temperature of " + options.key()));
        priors.forEach((label, prior) -> positive(prior, "prior of '" + label + "'"));
        Map<OptionCount, Double> copy = new EnumMap<>(OptionCount.class);
        copy.putAll(temperatures);
        temperatures = Collections.unmodifiableMap(copy);
        priors = Collections.unmodifiableMap(new TreeMap<>(priors));
    }

    private static void positive(Double value, String what) {
        if (value == null || !(value > 0) || value.isInfinite()) {
            throw new IllegalArgumentException(
                    what + " of a calibration is " + value + "; give a finite number above zero");
        }
    }

    /**
     * The calibration that changes nothing.
     *
     * @return no temperatures and no priors
     */
    public static Calibration none() {
        return new Calibration(Map.of(), Map.of());
    }

    /**
     * Calibrates a distribution.
     *
     * @param probabilities by action name, over all options of the question; each 0 to 1, none null or NaN
     * @return the calibrated distribution in the same order, its sum is one; the given one where there are fewer than two options
     */
    public Map<String, Double> apply(Map<String, Double> probabilities) {
        int options = probabilities.size();
        if (options < 2) {
            return probabilities;
        }
        double temperature = temperatures.getOrDefault(OptionCount.of(options), 1.0);
        Map<String, Double> calibrated = new LinkedHashMap<>();
        double highest = Double.NEGATIVE_INFINITY;
        for (Map.Entry<String, Double> entry : probabilities.entrySet()) {
            double logit = Math.log(Math.max(SMALLEST, entry.getValue())) / temperature
                    - Math.log(priors.getOrDefault(entry.getKey(), 1.0));
            calibrated.put(entry.getKey(), logit);
            highest = Math.max(highest, logit);
        }
        double sum = 0;
        for (Map.Entry<String, Double> entry : calibrated.entrySet()) {
            double weight = Math.exp(entry.getValue() - highest);
            entry.setValue(weight);
            sum += weight;
        }
        double total = sum;
        calibrated.replaceAll((label, weight) -> weight / total);
        return calibrated;
    }

    /**
     * The calibration as text.
     *
     * @return JSON with its format and version
     */
    public String toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.put("format", FORMAT).put("version", VERSION);
        ObjectNode byOptions = json.putObject("temperature");
        temperatures.forEach((options, temperature) -> byOptions.put(options.key(), temperature));
        ObjectNode byLabel = json.putObject("prior");
        priors.forEach(byLabel::put);
        return json.toPrettyString() + "\n";
    }

    /**
     * Reads a calibration.
     *
     * @param text what {@link #toJson()} made
     * @return the calibration
     * @throws IllegalArgumentException if the text is no calibration, or of a newer version
     */
    public static Calibration fromJson(String text) {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException("it is no JSON (" + malformed.getOriginalMessage() + ")", malformed);
        }
        if (!FORMAT.equals(json.path("format").asText())) {
            throw new IllegalArgumentException(
                    "its format is not '" + FORMAT + "'; give a file that FitCalibration wrote");
        }
        if (json.path("version").asInt() != VERSION) {
            throw new IllegalArgumentException("its version is " + json.path("version") + ", but this library reads "
                    + VERSION + "; fit it anew with this library");
        }
        Map<OptionCount, Double> temperatures = new EnumMap<>(OptionCount.class);
        for (OptionCount options : OptionCount.values()) {
            JsonNode temperature = json.path("temperature").path(options.key());
            if (!temperature.isMissingNode()) {
                temperatures.put(options, temperature.asDouble(Double.NaN));
            }
        }
        Map<String, Double> priors = new LinkedHashMap<>();
        json.path("prior")
                .properties()
                .forEach(entry -> priors.put(entry.getKey(), entry.getValue().asDouble(Double.NaN)));
        return new Calibration(temperatures, priors);
    }

    /**
     * Reads a calibration from a file. Blocks.
     *
     * @param file a file that FitCalibration wrote
     * @return the calibration
     * @throws UnusableModelException if it cannot be read or is no calibration
     */
    public static Calibration read(Path file) {
        try {
            return fromJson(Files.readString(file));
        } catch (IOException | IllegalArgumentException unusable) {
            throw new UnusableModelException(
                    file.toString(), "it cannot be read as a calibration: " + unusable.getMessage(), unusable);
        }
    }
}
