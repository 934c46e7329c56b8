package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Fact;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Looks how much of the disk under a path can still be used: under 10 % is a warning, under 5 % critical. */
final class DiskProbe implements Probe {
    private static final double LOW_PERCENT = 10;
    private static final double TOO_LOW_PERCENT = 5;
    private static final double GIB = 1L << 30;

    private final String name;
    private final Path path;

    DiskProbe(String name, Path path) {
        this.name = name;
        this.path = path;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Fact> look() throws IOException {
        FileStore store = Files.getFileStore(path);
        long total = store.getTotalSpace();
        if (total <= 0) {
            throw new IOException("the file system of " + path + " has no size");
        }
        long usable = store.getUsableSpace();
        Map<String, Fact> facts = new LinkedHashMap<>();
        facts.put(STATE, Fact.of("measured"));
        facts.put("usable_percent", Fact.of(tenths(100.0 * usable / total)));
        facts.put("usable_gib", Fact.of(tenths(usable / GIB)));
        return facts;
    }

    private static double tenths(double value) {
        return Math.rint(value * 10) / 10;
    }

    @Override
    public Finding judge(Map<String, Fact> facts) {
        if (!(facts.get("usable_percent") instanceof Fact.Quantity usable)) {
            return new Finding(Severity.WARNING, "could not be measured");
        }
        double percent = usable.value();
        Severity severity =
                percent < TOO_LOW_PERCENT ? Severity.CRITICAL : percent < LOW_PERCENT ? Severity.WARNING : Severity.OK;
        return new Finding(severity, String.format(Locale.ROOT, "%.1f %% of it is free", percent));
    }
}
