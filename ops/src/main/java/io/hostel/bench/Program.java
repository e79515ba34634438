package io.hostel.bench;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs the programs that a measure needs. What they say on stderr is the measure's own. */
final class Program {
    private Program() {}

    /** @return what it printed. @throws IOException where it ended with another status than 0 */
    static String run(List<String> words) throws IOException, InterruptedException {
        Process process = start(words);
        process.getOutputStream().close();
        return outcome(process, words);
    }

    static String run(String... words) throws IOException, InterruptedException {
        return run(List.of(words));
    }

    /** Its input is open; who started it ends it. */
    static Process start(List<String> words) throws IOException {
        return new ProcessBuilder(words).redirectError(Redirect.INHERIT).start();
    }

    static String outcome(Process process, List<String> words) throws IOException, InterruptedException {
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException(String.join(" ", words) + ": status " + status + "\n" + said);
        }
        return said;
    }
}
