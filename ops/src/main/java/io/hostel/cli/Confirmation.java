package io.hostel.cli;

import java.io.Console;
import picocli.CommandLine.Option;

/** For what can't be taken back: whoever sits at a terminal is asked. */
final class Confirmation {
    @Option(
            names = {"-y", "--yes"},
            description = "does not ask")
    boolean yes;

    /**
     * @param what is to be done, as a question
     * @param name to be typed in answer
     */
    void require(String what, String name) {
        Console terminal = System.console();
        if (yes || terminal == null) {
            return;
        }
        String answer = terminal.readLine("%s Type %s to confirm: ", what, name);
        if (answer == null || !answer.strip().equals(name)) {
            throw new Trouble(Hostel.FAILED, "nothing was deleted");
        }
    }
}
