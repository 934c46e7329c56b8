package dev.reflexloop.console.command;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reflexloop completion}: what a shell needs to complete commands and options. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Prints a script that lets a shell complete commands and options.",
        footer = {
            "",
            "bash, now:      source <(reflexloop completion bash)",
            "bash, always:   reflexloop completion bash > ~/.local/share/bash-completion/completions/reflexloop",
            "zsh, always:    echo 'source <(reflexloop completion zsh)' >> ~/.zshrc"
        })
public final class CompletionCommand implements Callable<Integer> {
    private enum Shell {
        BASH,
        ZSH
    }

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", defaultValue = "bash", description = "bash (default) or zsh")
    private Shell shell;

    /** For picocli, which fills in the rest. */
    @SuppressWarnings("NullAway.Init")
    public CompletionCommand() {}

    @Override
    public Integer call() {
        String script = AutoComplete.bash("reflexloop", spec.root().commandLine());
        spec.commandLine().getOut().print(shell == Shell.ZSH ? forZsh(script) : script);
        spec.commandLine().getOut().flush();
        return 0;
    }

    /** The script turns bash's way of completing on in zsh by itself, but not the completion system that this needs. */
    private static String forZsh(String script) {
        return "autoload -Uz compinit && compinit\n" + script;
    }
}
