package dev.reflexloop.examples.heartbeat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The configuration file as it stands: JSON, names in {@code snake_case}, times in seconds. What is left out is null, and gets its default
 * where it is used. An unknown name is an error.
 */
record Configuration(
        @Nullable String name,
        @Nullable String goal,
        @Nullable Double intervalS,
        @Nullable Double probeS,
        @Nullable Double budgetS,
        @Nullable Integer settleTicks,
        @Nullable String log,
        @Nullable String model,
        @Nullable ReasoningEntry reasoning,
        @Nullable List<ProbeEntry> probes,
        @Nullable List<ActionEntry> actions) {
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();
    private static final double LONGEST_S = 1e7;

    /** Something to look at; which of the fields it needs depends on the type: http, process or disk. */
    record ProbeEntry(
            @Nullable String type,
            @Nullable String name,
            @Nullable String url,
            @Nullable Double slowS,
            @Nullable String pidFile,
            @Nullable String command,
            @Nullable String path) {}

    /** Something to do: a command to run, or an alert. */
    record ActionEntry(
            @Nullable String name,
            @Nullable String description,
            @Nullable List<String> command,
            @Nullable Boolean alert,
            @Nullable Double cooldownS,
            @Nullable Double timeoutS,
            @Nullable RuleEntry rule) {}

    /** When the hard-coded rules do it. */
    record RuleEntry(@Nullable String probe, @Nullable String severity) {}

    /** Who explains: a chat server, or a program. */
    record ReasoningEntry(
            @Nullable String chat,
            @Nullable String model,
            @Nullable List<String> program,
            @Nullable Double timeoutS) {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException if it cannot be read or is not as it should be; the message says what to mend
     */
    static Configuration read(Path file) {
        try {
            return parse(Files.readString(file));
        } catch (JsonProcessingException wrong) {
            String where = wrong.getLocation() == null
                    ? ""
                    : " (line " + wrong.getLocation().getLineNr() + ")";
            throw new IllegalArgumentException(
                    "the configuration " + file + " is wrong: " + wrong.getOriginalMessage() + where, wrong);
        } catch (IOException unreadable) {
            throw new IllegalArgumentException(
                    "the configuration " + file + " cannot be read; name a readable file with --config", unreadable);
        }
    }

    static Configuration parse(String json) throws JsonProcessingException {
        return JSON.readValue(json, Configuration.class);
    }

    /** The same with what the command line says instead. */
    Configuration with(Options options) {
        return new Configuration(
                name,
                goal,
                options.intervalS().orElse(intervalS),
                probeS,
                budgetS,
                settleTicks,
                options.log().orElse(log),
                options.model().orElse(model),
                reasoning,
                probes,
                actions);
    }

    /** What the monitor may do. Defaults: every 10 s, 2 s for the probes, 5 s for the decision, folder {@code heartbeat}, no actions. */
    MonitorSettings settings(boolean act) {
        Duration interval = seconds(intervalS, 10, "interval_s");
        return new MonitorSettings(
                or(name, "heartbeat"),
                or(goal, ""),
                interval,
                patience(),
                seconds(budgetS, 5, "budget_s"),
                seconds(reasoning == null ? null : reasoning.timeoutS(), 5, "timeout_s of reasoning"),
                or(settleTicks, 2),
                Path.of(or(log, "heartbeat")),
                or(actions, List.<ActionEntry>of()).stream().map(this::hook).toList(),
                act);
    }

    private Duration patience() {
        return seconds(probeS, 2, "probe_s");
    }

    /** The probes, in the file's order. */
    List<Probe> probes(Http http) {
        List<Probe> all = or(probes, List.<ProbeEntry>of()).stream()
                .map(entry -> probe(entry, http))
                .toList();
        if (all.isEmpty()) {
            throw new IllegalArgumentException("the configuration has no probes; add at least one to look at");
        }
        MonitorSettings.distinct(all.stream().map(Probe::name).toList(), "probe");
        return all;
    }

    private Probe probe(ProbeEntry entry, Http http) {
        String name = required(entry.name(), "name of a probe");
        String of = " of probe '" + name + "'";
        return switch (required(entry.type(), "type" + of)) {
            case "http" ->
                new HttpProbe(
                        name,
                        http.client(),
                        address(required(entry.url(), "url" + of), "url" + of),
                        patience(),
                        seconds(entry.slowS(), 1, "slow_s" + of));
            case "process" ->
                entry.pidFile() != null
                        ? ProcessProbe.ofPidFile(name, Path.of(entry.pidFile()))
                        : ProcessProbe.ofCommand(name, required(entry.command(), "pid_file or command" + of));
            case "disk" -> new DiskProbe(name, Path.of(required(entry.path(), "path" + of)));
            default ->
                throw new IllegalArgumentException(
                        "type" + of + " is '" + entry.type() + "'; it is one of http, process and disk");
        };
    }

    private static URI address(String text, String what) {
        try {
            URI address = URI.create(text);
            String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
            if ((scheme.equals("http") || scheme.equals("https")) && address.getHost() != null) {
                return address;
            }
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(what + " is '" + text + "'; write http://host:port/path", malformed);
        }
        throw new IllegalArgumentException(what + " is '" + text + "'; write http://host:port/path");
    }

    private HookSettings hook(ActionEntry entry) {
        String name = required(entry.name(), "name of an action");
        String of = " of action '" + name + "'";
        List<String> command = or(entry.command(), List.<String>of());
        boolean alert = or(entry.alert(), false);
        if (alert != command.isEmpty()) {
            throw new IllegalArgumentException(
                    "action '" + name + "' needs either a command or \"alert\": true, and not both");
        }
        return new HookSettings(
                name,
                required(entry.description(), "description" + of),
                List.copyOf(command),
                seconds(entry.cooldownS(), 600, "cooldown_s" + of),
                seconds(entry.timeoutS(), 30, "timeout_s" + of),
                Optional.ofNullable(entry.rule()).map(rule -> rule(rule, of)));
    }

    private HookSettings.HookRule rule(RuleEntry rule, String of) {
        Optional<String> probe = Optional.ofNullable(rule.probe());
        boolean known = probe.isEmpty()
                || or(probes, List.<ProbeEntry>of()).stream()
                        .anyMatch(each -> probe.get().equals(each.name()));
        if (!known) {
            throw new IllegalArgumentException("the rule" + of + " is about probe '" + probe.get()
                    + "', which is none of the probes; name one of them");
        }
        String from = required(rule.severity(), "severity in the rule" + of);
        return new HookSettings.HookRule(
                probe,
                Severity.of(from)
                        .orElseThrow(() -> new IllegalArgumentException("severity in the rule" + of + " is '" + from
                                + "'; it is one of ok, warning and critical")));
    }

    private static String required(@Nullable String value, String what) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("the " + what + " is missing in the configuration; add it");
        }
        return value;
    }

    private static Duration seconds(@Nullable Double value, double otherwise, String what) {
        double seconds = value == null ? otherwise : value;
        if (!(seconds > 0 && seconds <= LONGEST_S)) {
            throw new IllegalArgumentException(what + " is " + seconds + "; give seconds above 0");
        }
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
