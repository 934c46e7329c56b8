package dev.reflexloop.console.terminal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;

/** A command's help with its commands in groups. */
public final class CommandGroups {
    private static final int INDENT = 2;
    private static final int GAP = 3;

    private CommandGroups() {}

    /**
     * Commands that belong together.
     *
     * @param title what they have in common
     * @param names the commands; those that do not exist are left out
     */
    public record Group(String title, List<String> names) {
        /** Copies. */
        public Group {
            names = List.copyOf(names);
        }

        /**
         * The same from an array.
         *
         * @param title what they have in common
         * @param names the commands
         */
        public Group(String title, String... names) {
            this(title, List.of(names));
        }
    }

    /**
     * Lets a command's help show its commands in groups; those of no group come last.
     *
     * @param line the command
     * @param groups the groups in their order
     */
    public static void show(CommandLine line, List<Group> groups) {
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, help -> "");
        line.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, help -> text(help, groups));
    }

    private static String text(Help help, List<Group> groups) {
        Map<String, Help> left = new LinkedHashMap<>(help.subcommands());
        int width = left.keySet().stream().mapToInt(String::length).max().orElse(0);
        StringBuilder text = new StringBuilder();
        for (Group group : groups) {
            List<String> lines = new ArrayList<>();
            for (String name : group.names()) {
                Help command = left.remove(name);
                if (command != null) {
                    lines.add(line(help, name, command, width));
                }
            }
            append(text, help, group.title(), lines);
        }
        List<String> rest = new ArrayList<>();
        left.forEach((name, command) -> rest.add(line(help, name, command, width)));
        append(text, help, "Other", rest);
        return text.toString();
    }

    private static void append(StringBuilder text, Help help, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append(String.format("%n"))
                    .append(help.colorScheme().ansi().string("@|bold " + title + ":|@"))
                    .append(String.format("%n"));
            lines.forEach(text::append);
        }
    }

    private static String line(Help help, String name, Help command, int width) {
        String[] words = command.commandSpec().usageMessage().description();
        String space = " ".repeat(width - name.length() + GAP);
        return " ".repeat(INDENT)
                + help.colorScheme().commandText(name)
                + space
                + (words.length == 0 ? "" : words[0])
                + String.format("%n");
    }
}
