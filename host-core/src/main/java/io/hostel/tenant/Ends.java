package io.hostel.tenant;

import io.hostel.api.LastExit;
import java.util.Optional;

/** How a process ended, in words. */
final class Ends {

    private Ends() {}

    static String words(Optional<LastExit> exit) {
        return exit.map(Ends::words).orElse("it ended");
    }

    private static String words(LastExit exit) {
        String how = exit.code()
                .map(c -> "it exited with code " + c)
                .or(() -> exit.signal().map(s -> "it was ended by " + s))
                .orElse("it never came to run");
        String oom = exit.oom() ? ", out of memory" : "";
        return how + oom + exit.reason().map(r -> " (" + r + ")").orElse("");
    }
}
