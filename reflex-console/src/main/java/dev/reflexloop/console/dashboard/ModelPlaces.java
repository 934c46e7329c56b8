package dev.reflexloop.console.dashboard;

import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.llm.server.Inventory;
import dev.reflexloop.llm.server.ModelPlace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Where models are looked for: where somebody said, and where they usually are; the latter only where something is found. */
final class ModelPlaces implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Inventory named;
    private final Inventory usual;

    ModelPlaces(List<Endpoint> llamaServers, List<Endpoint> ollamas, List<Path> folders, List<Path> logs) {
        Inventory.Builder namedPlaces = Inventory.builder();
        Inventory.Builder usualPlaces = Inventory.builder();
        llamaServers.forEach(namedPlaces::llamaServer);
        ollamas.forEach(namedPlaces::ollama);
        if (llamaServers.isEmpty() && ollamas.isEmpty()) {
            UsualServers.llamaServers().forEach(usualPlaces::llamaServer);
            UsualServers.ollamas().forEach(usualPlaces::ollama);
        }
        folders.forEach(namedPlaces::folder);
        if (folders.isEmpty()) {
            logs.stream().filter(Files::isDirectory).forEach(usualPlaces::folder);
        }
        this.named = namedPlaces.build();
        this.usual = usualPlaces.build();
    }

    List<ModelPlace> look() throws InterruptedException {
        List<ModelPlace> places = new ArrayList<>(named.look(PATIENCE));
        for (ModelPlace each : usual.look(PATIENCE)) {
            if (!each.models().isEmpty()) {
                places.add(each);
            }
        }
        return places;
    }

    @Override
    public void close() {
        named.close();
        usual.close();
    }
}
