package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Hands a backup to the host and waits until it serves again. */
@Command(
        name = "restore",
        description = {
            "Puts the state that 'hostel backup' wrote into FILE in the place of the host's own, and waits until it serves again.",
            "All sandboxes are taken away and started anew. What is replaced is kept on the host; a FILE that is damaged, of"
                    + " another program or of a newer Hostel changes nothing. Operator only."
        })
final class RestoreCommand extends HostCommand {
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final Duration PAUSE = Duration.ofMillis(200);

    @Parameters(index = "0", paramLabel = "FILE", description = "a backup")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private Path file;

    @Override
    int run() throws InterruptedException {
        JsonNode answer = host().uploadOnce("/v1/restore", "application/zstd", file);
        if (!json()) {
            err().println("The backup is in order; the host starts anew with it");
        }
        awaitReady();
        return show(answer, () -> {
            out().println("Restored the state of " + answer.path("createdAt").asText() + ": tenants "
                    + answer.path("tenants").asInt() + ", artifacts "
                    + answer.path("artifacts").asInt());
            out().println("What was there before is kept on the host, in "
                    + answer.path("replaced").asText());
        });
    }

    /** 503 says that it does not serve yet; 401, that it does, and the token is another by now. */
    private void awaitReady() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            int status = host().status("/readyz");
            if (status != 0 && status != 503) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new Trouble(
                        Hostel.UNREACHABLE,
                        "the host took the backup over and does not serve after " + PATIENCE.toMinutes()
                                + " minutes; its log says why");
            }
            Thread.sleep(PAUSE.toMillis());
        }
    }
}
