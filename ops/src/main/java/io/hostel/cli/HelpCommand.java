package io.hostel.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** As {@code --help}, in the place where many look for it. */
@Command(name = "help", description = "Shows the help of a command, or of all.")
final class HelpCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "whose, e.g. tenant create")
    List<String> command = List.of();

    @Override
    public Integer call() {
        CommandLine of = spec.root().commandLine();
        for (String name : command) {
            CommandLine inner = of.getSubcommands().get(name);
            if (inner == null) {
                throw new Trouble(2, "there is no command " + String.join(" ", command) + "; hostel help lists all");
            }
            of = inner;
        }
        of.usage(of.getOut());
        return 0;
    }
}
