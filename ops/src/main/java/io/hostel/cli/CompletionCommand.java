package io.hostel.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A shell's help in typing. */
@Command(
        name = "completion",
        description = "Writes a script for bash and zsh by which the Tab key completes commands and options.",
        footer = "%nExample: source <(hostel completion)")
final class CompletionCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine root = spec.root().commandLine();
        root.getOut().print(AutoComplete.bash("hostel", root));
        root.getOut().flush();
        return 0;
    }
}
