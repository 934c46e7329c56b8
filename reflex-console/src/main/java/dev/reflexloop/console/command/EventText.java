package dev.reflexloop.console.command;

import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.console.terminal.Text;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** An event as a line for people, or as JSON. Immutable. */
final class EventText {
    private static final int LEVEL = 5;
    private static final int NAME = 22;
    private static final int ENTITY = 16;

    private final DateTimeFormatter clock =
            DateTimeFormatter.ofPattern("MM-dd HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
    private final Ink ink;
    private final boolean json;

    EventText(Ink ink, boolean json) {
        this.ink = ink;
        this.json = json;
    }

    String of(TelemetryEvent event) {
        if (json) {
            return event.toJson();
        }
        String tick = event.tick() < 0 ? "" : "#" + event.tick();
        String about = (Text.plain(event.entity()) + ' ' + tick).strip();
        StringBuilder line = new StringBuilder()
                .append(ink.faint(clock.format(event.at())))
                .append(' ')
                .append(level(event.level()))
                .append(' ')
                .append(ink.strong(Text.left(Text.plain(event.source() + '.' + event.event()), NAME)))
                .append(' ')
                .append(Text.left(about, ENTITY));
        event.fields()
                .forEach((name, value) -> line.append(' ')
                        .append(ink.faint(Text.plain(name) + '='))
                        .append(value(value)));
        return line.toString().stripTrailing();
    }

    private String level(TelemetryEvent.Level level) {
        String word = Text.left(level.name(), LEVEL);
        return switch (level) {
            case ERROR -> ink.bad(word);
            case WARN -> ink.warning(word);
            case INFO -> ink.good(word);
            case DEBUG -> ink.faint(word);
        };
    }

    private static String value(Object value) {
        if (value instanceof Map<?, ?> map) {
            StringBuilder text = new StringBuilder("{");
            for (Map.Entry<?, ?> each : map.entrySet()) {
                text.append(text.length() > 1 ? ", " : "")
                        .append(Text.plain(String.valueOf(each.getKey())))
                        .append(' ')
                        .append(number(each.getValue()));
            }
            return text.append('}').toString();
        }
        String text = Text.plain(number(value));
        return text.indexOf(' ') >= 0 ? '"' + text + '"' : text;
    }

    private static String number(Object value) {
        boolean real = value instanceof Double || value instanceof Float;
        return real ? String.format(Locale.ROOT, "%.3f", ((Number) value).doubleValue()) : String.valueOf(value);
    }
}
