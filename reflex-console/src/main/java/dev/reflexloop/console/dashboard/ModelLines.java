package dev.reflexloop.console.dashboard;

import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.console.terminal.Text;
import dev.reflexloop.console.terminal.Words;
import dev.reflexloop.llm.server.ModelEntry;
import dev.reflexloop.llm.server.ModelPlace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Models by place: those in memory first, with their sizes, and whether they are in a graphics card's memory. */
final class ModelLines {
    private static final int MOST = 6;
    private static final int SIZE = 8;
    private static final int MEMORY = 16;
    private static final long BILLION = 1_000_000_000;
    private static final long MILLION = 1_000_000;

    private final Ink ink;

    ModelLines(Ink ink) {
        this.ink = ink;
    }

    List<String> of(List<ModelPlace> places, int width) {
        List<String> lines = new ArrayList<>();
        for (ModelPlace place : places) {
            lines.add(Text.cut(UsualServers.name(place.kind()) + ' ' + Text.plain(place.address()), width));
            place.models().stream().limit(MOST).forEach(model -> lines.add(line(place, model, width)));
            if (place.models().size() > MOST) {
                lines.add(ink.faint("  and " + (place.models().size() - MOST) + " more"));
            }
            place.problems().stream()
                    .limit(2)
                    .forEach(problem -> lines.add(ink.warning(Text.cut("! " + Text.plain(problem), width))));
        }
        if (lines.isEmpty()) {
            lines.add(Text.cut("None found: no server answers where one usually listens.", width));
            lines.add(ink.faint(Text.cut("--llama-server, --ollama and --models say where to look.", width)));
        }
        return lines;
    }

    private String line(ModelPlace place, ModelEntry model, int width) {
        String disk =
                model.diskBytes().isPresent() ? Words.size(model.diskBytes().getAsLong()) : "";
        String right =
                Text.right(details(model), 0) + "  " + Text.right(disk, SIZE) + "  " + Text.left(memory(model), MEMORY);
        String name = place.kind() == ModelPlace.Kind.FOLDER ? fileName(model.name()) : model.name();
        int room = Math.max(8, width - right.length() - 2);
        String text = Text.fit(Text.plain(name), room) + right;
        return model.loaded()
                ? ink.good("● ") + text.replace("IN VRAM", ink.good("IN VRAM")).stripTrailing()
                : ink.faint("○ ") + text.stripTrailing();
    }

    private static String fileName(String path) {
        return String.valueOf(Path.of(path).getFileName());
    }

    private static String details(ModelEntry model) {
        StringBuilder text = new StringBuilder();
        model.parameters().ifPresent(number -> text.append(parameters(number)).append(' '));
        model.quantization().ifPresent(kind -> text.append(Text.plain(kind)).append(' '));
        if (model.slots().isPresent()) {
            text.append(model.busySlots().isPresent() ? model.busySlots().getAsInt() + "/" : "")
                    .append(model.slots().getAsInt())
                    .append(" slots ");
        }
        return text.toString().strip();
    }

    private static String parameters(long number) {
        if (number >= BILLION) {
            return String.format(Locale.ROOT, "%.1fB", (double) number / BILLION);
        }
        return String.format(Locale.ROOT, "%.1fM", (double) number / MILLION);
    }

    private static String memory(ModelEntry model) {
        if (!model.loaded()) {
            return "";
        }
        long video = model.videoBytes().orElse(0);
        if (video > 0) {
            return "IN VRAM " + Words.size(video);
        }
        return model.memoryBytes().isPresent()
                ? "in RAM " + Words.size(model.memoryBytes().getAsLong())
                : "loaded";
    }
}
