package io.hostel.acceptance.abuse;

import io.hostel.acceptance.TestProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A stranger who sends first packets of connections from addresses that are not his, {@code syns.py}. */
final class Spoofer {
    private static final String SOURCE = "198.18.0.1";
    private static final int PER_SECOND = 200;

    private final Process process;

    private Spoofer(Process process) {
        this.process = process;
    }

    /** @param place in whose network namespace: a process */
    static Spoofer begin(long place, String address, int port) throws IOException {
        return new Spoofer(new ProcessBuilder(
                        "nsenter",
                        "--target",
                        Long.toString(place),
                        "--net",
                        "--",
                        "python3",
                        TestProgram.python("abuse/syns.py").toString(),
                        SOURCE,
                        address,
                        Integer.toString(port),
                        Integer.toString(PER_SECOND))
                .redirectErrorStream(true)
                .start());
    }

    /** @return how many it sent */
    long end() throws IOException {
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (!said.matches("\\d+")) {
            throw new AssertionError("syns.py: " + said);
        }
        return Long.parseLong(said);
    }
}
