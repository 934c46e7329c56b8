package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventsFileTest {
    @TempDir
    Path folder;

    private final Troubles troubles = new Troubles();
    private final List<PilotEvent> heard = new ArrayList<>();
    private Path path;

    @BeforeEach
    void name() {
        path = folder.resolve("events.jsonl");
    }

    private void append(String text) throws IOException {
        Files.writeString(path, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    @Test
    void events_ofEveryType_areHeardInOrder() throws IOException {
        EventsFile file = new EventsFile(path, troubles);
        append("""
                {"type":"applied","decision":"d-1","tick":4}
                {"type":"outcome","decision":"d-1","reward":-0.5,"reasons":["died"]}

                {"type":"refused","decision":"d-2","reason":"stale"}
                {"type":"weather","rain":true}
                {"type":"mission","mission":"ring","state":"failed","text":"lost it"}
                {"type":"end"}
                """);
        file.look(heard::add);
        assertThat(heard)
                .containsExactly(
                        new PilotEvent.Applied("d-1", 4),
                        new PilotEvent.Closed("d-1", -0.5, List.of("died")),
                        new PilotEvent.Refused("d-2", "stale"),
                        new PilotEvent.Mission("ring", PilotEvent.Mission.State.FAILED, "lost it"),
                        new PilotEvent.End());
        file.look(heard::add);
        assertThat(heard).hasSize(5);
    }

    @Test
    void events_ofAnEarlierRun_areLeftOut() throws IOException {
        append("{\"type\":\"end\"}\n");
        EventsFile file = new EventsFile(path, troubles);
        file.look(heard::add);
        append("{\"type\":\"refused\",\"decision\":\"d\",\"reason\":\"stale\"}\n");
        file.look(heard::add);
        assertThat(heard).containsExactly(new PilotEvent.Refused("d", "stale"));
    }

    @Test
    void line_halfWritten_isHeardWhenItIsWhole() throws IOException {
        EventsFile file = new EventsFile(path, troubles);
        append("{\"type\":");
        file.look(heard::add);
        assertThat(heard).isEmpty();
        append("\"end\"}\n{\"ty");
        file.look(heard::add);
        assertThat(heard).containsExactly(new PilotEvent.End());
        assertThat(troubles.count(Troubles.Kind.REFUSED_EVENT)).isZero();
    }

    @Test
    void lines_thatAreNoEvents_areCountedAndPassedOver() throws IOException {
        EventsFile file = new EventsFile(path, troubles);
        append("""
                nonsense
                []
                {"type":7}
                {"type":"outcome","decision":"d","reward":3}
                {"type":"outcome","decision":"d","reward":"good"}
                {"type":"outcome","reward":0}
                {"type":"outcome","decision":"d","reward":0,"reasons":[1]}
                {"type":"applied","decision":"d","tick":"soon"}
                {"type":"mission","mission":"m","state":"odd"}
                {"type":"end"}
                """);
        file.look(heard::add);
        assertThat(heard).containsExactly(new PilotEvent.End());
        assertThat(troubles.count(Troubles.Kind.REFUSED_EVENT)).isEqualTo(9);
    }

    @Test
    void line_withoutEnd_isGivenUp() throws IOException {
        EventsFile file = new EventsFile(path, troubles);
        append("x".repeat(1 << 17));
        file.look(heard::add);
        append("\n{\"type\":\"end\"}\n");
        file.look(heard::add);
        assertThat(heard).containsExactly(new PilotEvent.End());
        assertThat(troubles.count(Troubles.Kind.REFUSED_EVENT)).isEqualTo(1);
    }

    @Test
    void file_thatBecameShorter_isReadFromItsBeginning() throws IOException {
        append("{\"type\":\"weather\",\"words\":\"a long line of an earlier game\"}\n");
        EventsFile file = new EventsFile(path, troubles);
        Files.writeString(path, "{\"type\":\"end\"}\n");
        file.look(heard::add);
        assertThat(heard).containsExactly(new PilotEvent.End());
    }
}
