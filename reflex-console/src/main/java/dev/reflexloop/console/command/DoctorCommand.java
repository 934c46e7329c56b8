package dev.reflexloop.console.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.console.doctor.Doctor;
import dev.reflexloop.console.doctor.Finding;
import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.console.terminal.Text;
import dev.reflexloop.llm.server.Endpoint;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reflexloop doctor}: what is installed, what answers, what is wrong, and how to mend it. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description = "Looks for what is missing or broken, and tells how to mend it.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:nothing fails; there may be warnings", "1:something fails", "2:wrong arguments"})
public final class DoctorCommand implements Callable<Integer> {
    private static final int LEVEL = 5;
    private static final int WHAT = 14;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            description = "logs, or folders that hold some, to be looked at; default: this folder")
    private List<Path> places = new ArrayList<>();

    @Option(names = "--llama-server", paramLabel = "URL", description = "a llama-server that should answer")
    private List<String> llamaServers = new ArrayList<>();

    @Option(names = "--ollama", paramLabel = "URL", description = "an Ollama that should answer")
    private List<String> ollamas = new ArrayList<>();

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    /** For picocli, which fills in the rest. */
    @SuppressWarnings("NullAway.Init")
    public DoctorCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        List<Finding> findings = new Doctor(
                        places.isEmpty() ? List.of(Path.of("")) : places,
                        llamaServers.stream().map(Endpoint::of).toList(),
                        ollamas.stream().map(Endpoint::of).toList())
                .look();
        boolean isWell = findings.stream().noneMatch(finding -> finding.level() == Finding.Level.FAIL);
        if (json) {
            print(findings, isWell);
        } else {
            findings.forEach(this::print);
        }
        return isWell ? 0 : 1;
    }

    private void print(List<Finding> findings, boolean isWell) {
        ObjectNode all = JsonNodeFactory.instance.objectNode().put("ok", isWell);
        ArrayNode list = all.putArray("findings");
        findings.forEach(finding -> list.addObject()
                .put("level", finding.level().name())
                .put("what", finding.what())
                .put("found", finding.found())
                .put("remedy", finding.remedy()));
        spec.commandLine().getOut().println(all.toPrettyString());
    }

    private void print(Finding finding) {
        Ink ink = Ink.of(spec.commandLine());
        String level = Text.left(finding.level().name(), LEVEL);
        String coloured = switch (finding.level()) {
            case OK -> ink.good(level);
            case WARN -> ink.warning(level);
            case FAIL -> ink.bad(level);
        };
        PrintWriter out = spec.commandLine().getOut();
        out.println(coloured + ' ' + ink.strong(Text.left(finding.what(), WHAT)) + ' ' + Text.plain(finding.found()));
        if (!finding.remedy().isEmpty()) {
            out.println(" ".repeat(LEVEL + 1 + WHAT + 1) + ink.faint("mend: " + Text.plain(finding.remedy())));
        }
    }
}
