package io.hostel.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** One app. */
@Command(name = "app", description = "Shows an app: its live release, its processes and where they answer.")
final class AppCommand extends AppTarget {
    @Option(names = "--url-only", description = "prints its public URLs and nothing else")
    boolean urlOnly;

    @Override
    int run() {
        JsonNode answer = host().get(app.path());
        return show(answer, () -> {
            if (urlOnly) {
                AppText.urls(answer, out());
            } else {
                AppText.print(List.of(answer), out());
            }
        });
    }
}
