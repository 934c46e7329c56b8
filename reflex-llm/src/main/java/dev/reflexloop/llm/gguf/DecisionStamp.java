package dev.reflexloop.llm.gguf;

import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.calibration.OptionCount;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/*
 * The head is rewritten, the rest is copied: kept entries byte for byte, the tensor directory as it is, because its offsets count from the
 * start of the data part, and the data part as a whole. Whatever quantisation the tensors have, and whatever kinds of metadata there are,
 * they need not be understood. Sources of the keys: what llama-server 0.7.0 reads, and the conversion scripts that come with it.
 */
/**
 * Makes a decision model of a plain one: copies a GGUF file and adds the metadata by which llama-server serves it at
 * {@code /v1/systemone}, and fitted temperatures. Immutable, thread-safe.
 *
 * <p>The original is only read. The copy is written beside its target, forced to disk and moved there, so that nobody ever sees a part of it.
 * Memory does not grow with the tensors. Stamping a stamped file again replaces what was stamped before.
 *
 * <p>Without a template of your own the prompt is: the instructions, the options with a letter each, then the state, then the place of the
 * answer. What changes comes last, so that the server can keep what it has computed for the rest. It is framed as a user's turn where the
 * file's chat template is of a kind that is known here (ChatML, Llama 3, Gemma).
 */
public final class DecisionStamp {
    private static final String TEMPLATE_KEY = "tokenizer.chat_template.systemone";
    private static final String TYPE = "openjev";

    private final @Nullable String template;
    private final Map<String, Double> temperatures;
    private final boolean overwrite;

    private DecisionStamp(Builder builder) {
        this.template = builder.template;
        this.temperatures = new TreeMap<>(builder.temperatures);
        this.overwrite = builder.overwrite;
    }

    /**
     * Starts a stamp.
     *
     * @return a builder with the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /** What is stamped. One thread at a time. */
    public static final class Builder {
        private @Nullable String template;
        private final Map<String, Double> temperatures = new TreeMap<>();
        private boolean overwrite;

        private Builder() {}

        /**
         * Sets the prompt. Default: see {@link DecisionStamp}.
         *
         * @param jinja a template in which {@code state}, {@code instructions}, {@code type} and {@code options} (each with {@code key} and
         *     {@code description}) are known; it asks for the letters A to Z, then a to z, in the order of the options
         * @return this
         * @throws IllegalArgumentException if it is blank
         */
        public Builder template(String jinja) {
            if (jinja.isBlank()) {
                throw new IllegalArgumentException("the template is blank; leave it out for the usual one");
            }
            this.template = jinja;
            return this;
        }

        /**
         * Sets by what the logits of a choice are divided where there is no temperature for its number of options. Default: none is written,
         * and the server uses 1.
         *
         * @param temperature above 0; more than 1 makes answers less sure
         * @return this
         * @throws IllegalArgumentException if it is not above 0 or not finite
         */
        public Builder temperature(double temperature) {
            return temperature("any number of", "", temperature);
        }

        /**
         * The same for some numbers of options only.
         *
         * @param options for how many options
         * @param temperature above 0; more than 1 makes answers less sure
         * @return this
         * @throws IllegalArgumentException if it is not above 0 or not finite
         */
        public Builder temperature(OptionCount options, double temperature) {
            return temperature(options.name(), "." + options.key(), temperature);
        }

        private Builder temperature(String options, String suffix, double temperature) {
            if (!(temperature > 0) || !Float.isFinite((float) temperature) || (float) temperature == 0) {
                throw new IllegalArgumentException("the temperature for " + options + " options is " + temperature
                        + "; give a finite number above 0, such as 1.3");
            }
            temperatures.put(suffix, temperature);
            return this;
        }

        /**
         * Sets whether an existing target is replaced. Default: no.
         *
         * @param value true to replace it
         * @return this
         */
        public Builder overwrite(boolean value) {
            this.overwrite = value;
            return this;
        }

        /**
         * Makes the stamp.
         *
         * @return the stamp
         */
        public DecisionStamp build() {
            return new DecisionStamp(this);
        }
    }

    /**
     * Writes a stamped copy. Blocks until it is on disk.
     *
     * @param source the plain model; not changed
     * @param target the copy; its folder is created
     * @throws UnusableModelException if the source is missing, damaged, no model of its own (an adapter, a projector, a part of a split
     *     file), another kind of decision model, or its vocabulary lacks a label
     * @throws IOException if the target is there and must not be replaced, is the source itself, or cannot be written; then it is what it
     *     was before
     */
    public void copy(Path source, Path target) throws IOException {
        try (FileChannel channel = open(source)) {
            GgufHeader header = GgufHeader.read(source.toString(), channel);
            Map<String, GgufOutput.Value> added = stamped(source, header);
            if (Files.exists(target) && Files.isSameFile(source, target)) {
                throw new FileAlreadyExistsException(
                        target.toString(), null, "it is the model itself, which stays as it is; name another target");
            }
            if (!overwrite && Files.exists(target)) {
                throw new FileAlreadyExistsException(
                        target.toString(), null, "it is there already; name another target or ask to overwrite it");
            }
            AtomicFiles.replace(target, temporary -> {
                try (FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                    write(header, channel, added, new GgufOutput(out));
                    out.force(true);
                }
            });
        }
    }

    private static FileChannel open(Path source) throws IOException {
        GgufFile.open(source).close(); // says what is wrong with a path that is no file
        return FileChannel.open(source, StandardOpenOption.READ);
    }

    /** The keys that the copy gets, after everything about the original was checked. */
    private Map<String, GgufOutput.Value> stamped(Path source, GgufHeader header) {
        ModelText model = new ModelText(source.toString(), header.metadata());
        String architecture = model.architecture();
        model.check();
        Map<String, GgufOutput.Value> added = new LinkedHashMap<>();
        added.put(architecture + ".decision.type", GgufOutput.text(TYPE));
        temperatures.forEach((suffix, temperature) -> added.put(
                architecture + ".decision.temperature.choice" + suffix, GgufOutput.float32(temperature.floatValue())));
        added.put(
                TEMPLATE_KEY,
                GgufOutput.text(Optional.ofNullable(template).orElseGet(() -> DecisionTemplate.usual(model))));
        return added;
    }

    private static void write(
            GgufHeader header, FileChannel source, Map<String, GgufOutput.Value> added, GgufOutput out)
            throws IOException {
        GgufHeader.Places places = header.places();
        Map<String, GgufHeader.Range> kept = new LinkedHashMap<>(places.entries());
        kept.keySet()
                .removeIf(key ->
                        key.equals(TEMPLATE_KEY) || key.contains(".decision.temperature.") || added.containsKey(key));
        out.bytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        out.int32(places.version());
        out.int64(header.tensors().size());
        out.int64(kept.size() + added.size());
        for (GgufHeader.Range entry : kept.values()) {
            out.copy(source, entry.from(), entry.size());
        }
        for (Map.Entry<String, GgufOutput.Value> entry : added.entrySet()) {
            out.string(entry.getKey());
            entry.getValue().write(out);
        }
        out.copy(source, places.directory().from(), places.directory().size());
        out.pad(places.alignment());
        out.copy(source, places.data(), Math.max(0, header.fileSize() - places.data()));
        out.flush();
    }
}
