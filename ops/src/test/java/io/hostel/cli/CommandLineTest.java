package io.hostel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.AutoComplete;
import picocli.CommandLine;

/** The command line as a whole, without a host. */
class CommandLineTest {
    private final StringWriter out = new StringWriter();
    private final CommandLine line = new CommandLine(new Hostel()).setOut(new PrintWriter(out, true));

    @Test
    void helpAndVersionNeedNoHost() {
        assertThat(line.execute("--version")).isZero();
        assertThat(out.toString()).startsWith("hostel ");
        assertThat(line.execute("help", "tenant", "create")).isZero();
        assertThat(out.toString()).contains("Usage: hostel tenant create");
        assertThat(line.execute("help")).isZero();
        assertThat(out.toString()).contains("whoami", "completion");
    }

    @Test
    void everyCommandIsCompleted() {
        assertThat(line.execute("completion")).isZero();
        assertThat(out.toString()).isEqualTo(AutoComplete.bash("hostel", line));
    }
}
