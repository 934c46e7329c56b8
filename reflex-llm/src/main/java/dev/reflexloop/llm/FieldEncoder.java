package dev.reflexloop.llm;

import dev.reflexloop.Fact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Shows one fact as tokens of a layout. Immutable; indexes are places in the layout's token list. */
abstract class FieldEncoder {
    private static final String NONE = "none";
    private static final String OTHER = "other";
    private static final String MORE = "more";

    private final String name;

    private FieldEncoder(String name) {
        this.name = name;
    }

    final String name() {
        return name;
    }

    /** Appends the tokens that show the fact, at least one. */
    abstract void encode(@Nullable Fact fact, IndexList out);

    /** An encoder whose tokens are appended to the list that all encoders of a layout share. */
    static FieldEncoder of(PromptField field, String owner, List<String> tokens) {
        String shown = owner + nameOf(field.name(), owner);
        if (field instanceof PromptField.Numbers numbers) {
            return new NumberEncoder(numbers, shown, tokens);
        }
        if (field instanceof PromptField.Flags flags) {
            return new FlagEncoder(flags, shown, tokens);
        }
        if (field instanceof PromptField.Texts texts) {
            return new TextEncoder(texts, shown, tokens);
        }
        return new RecordsEncoder((PromptField.Records) field, shown, tokens);
    }

    private static String nameOf(String name, String owner) {
        String escaped = escape(name).replace('=', ':');
        return owner.isEmpty() && (escaped.equals("do") || escaped.equals("at")) ? "fact." + escaped : escaped;
    }

    /** A text that may stand inside a token: no angle brackets, which delimit tokens, and no control characters. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            if (point == '<') {
                escaped.append('\u2039');
            } else if (point == '>') {
                escaped.append('\u203a');
            } else if (Character.isISOControl(point)
                    || (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
                escaped.append('_');
            } else {
                escaped.appendCodePoint(point);
            }
        });
        return escaped.toString();
    }

    private static int add(List<String> tokens, String shown, String value) {
        tokens.add("<" + shown + "=" + value + ">");
        return tokens.size() - 1;
    }

    private static final class NumberEncoder extends FieldEncoder {
        private final Bands bands;
        private final int first;
        private final int none;

        NumberEncoder(PromptField.Numbers field, String shown, List<String> tokens) {
            super(field.name());
            this.bands = field.bands();
            this.first = tokens.size();
            bands.names().forEach(band -> add(tokens, shown, quoted(band)));
            this.none = add(tokens, shown, NONE);
        }

        @Override
        void encode(@Nullable Fact fact, IndexList out) {
            out.add(fact instanceof Fact.Quantity quantity ? first + bands.indexOf(quantity.value()) : none);
        }
    }

    private static final class FlagEncoder extends FieldEncoder {
        private final int yes;
        private final int no;
        private final int none;

        FlagEncoder(PromptField.Flags field, String shown, List<String> tokens) {
            super(field.name());
            this.yes = add(tokens, shown, "true");
            this.no = add(tokens, shown, "false");
            this.none = add(tokens, shown, NONE);
        }

        @Override
        void encode(@Nullable Fact fact, IndexList out) {
            if (fact instanceof Fact.Flag flag) {
                out.add(flag.value() ? yes : no);
            } else {
                out.add(none);
            }
        }
    }

    private static final class TextEncoder extends FieldEncoder {
        private final Map<String, Integer> values = new HashMap<>();
        private final int other;
        private final int none;

        TextEncoder(PromptField.Texts field, String shown, List<String> tokens) {
            super(field.name());
            field.values().forEach(value -> values.put(value, add(tokens, shown, quoted(escape(value)))));
            this.other = add(tokens, shown, OTHER);
            this.none = add(tokens, shown, NONE);
        }

        @Override
        void encode(@Nullable Fact fact, IndexList out) {
            out.add(fact instanceof Fact.Text text ? values.getOrDefault(text.value(), other) : none);
        }
    }

    private static final class RecordsEncoder extends FieldEncoder {
        private final int slots;
        private final int firstCount;
        private final int more;
        private final int none;
        private final List<List<FieldEncoder>> inner = new ArrayList<>();

        RecordsEncoder(PromptField.Records field, String shown, List<String> tokens) {
            super(field.name());
            this.slots = field.slots();
            this.firstCount = tokens.size();
            for (int count = 0; count <= slots; count++) {
                add(tokens, shown, Integer.toString(count));
            }
            this.more = add(tokens, shown, MORE);
            this.none = add(tokens, shown, NONE);
            for (int slot = 0; slot < slots; slot++) {
                List<FieldEncoder> encoders = new ArrayList<>();
                for (PromptField each : field.fields()) {
                    encoders.add(of(each, shown + "." + slot + ".", tokens));
                }
                inner.add(encoders);
            }
        }

        @Override
        void encode(@Nullable Fact fact, IndexList out) {
            if (!(fact instanceof Fact.Records list)) {
                out.add(none);
                return;
            }
            int count = list.records().size();
            out.add(count <= slots ? firstCount + count : more);
            for (int slot = 0; slot < Math.min(count, slots); slot++) {
                Map<String, Fact> record = list.records().get(slot);
                for (FieldEncoder encoder : inner.get(slot)) {
                    encoder.encode(record.get(encoder.name()), out);
                }
            }
        }
    }

    /** A value that reads like one of our own words is put into quotes, so that the two stay apart. */
    private static String quoted(String value) {
        return value.equals(NONE) || value.equals(OTHER) ? '"' + value + '"' : value;
    }
}
