package io.hostel.host;

import io.hostel.config.HostelConfig;
import io.hostel.store.TreeSync;
import io.hostel.store.backup.StagedRestore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a staged restore over, while no host runs. Every sandbox goes first: those that there are were leased addresses, numbers
 * and ports by a state that is no more, and their releases may be others than those of the same number in the backup. The next
 * host launches what the backup wants. Interrupted anywhere, the next start does all of it again.
 */
final class TakeOver {
    private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);

    private TakeOver() {}

    /**
     * @return whether there was one
     * @throws CannotStart where it does not fit the settings; nothing has been touched then
     */
    static boolean ifStaged(HostelConfig config, Machine machine) throws IOException, CannotStart {
        Optional<StagedRestore> staged = StagedRestore.find(config.stateDir());
        if (staged.isEmpty()) {
            return false;
        }
        StagedRestore restore = staged.get();
        List<String> amiss = restore.amiss(new Leases(config)::amiss);
        if (!amiss.isEmpty()) {
            throw new CannotStart(amiss.stream()
                    .map(line -> "the backup that is to be taken over: " + line)
                    .toList());
        }
        LOG.info("Taking a backup over; what is replaced is kept in {}", restore.replaced());
        Clearance.Outcome cleared = new Clearance(machine.kernel(), machine.layout(), machine.ground()).clear();
        cleared.leftovers().forEach(line -> LOG.warn("could not be taken away: {}", line));
        setLogsAside(config.logDir(), restore.replaced().getFileName());
        restore.takeOver();
        return true;
    }

    /** A tenant of the backup may have the name of another one's: their logs are none of its business. */
    private static void setLogsAside(Path logDir, Path name) throws IOException {
        if (!Files.isDirectory(logDir)) {
            return;
        }
        // No tenant's name holds a dot.
        Path aside = logDir.resolve("tenants." + name);
        try (Stream<Path> entries = Files.list(logDir)) {
            for (Path entry : entries.toList()) {
                if (Files.isDirectory(entry) && entry.getFileName().toString().indexOf('.') < 0) {
                    Files.createDirectories(aside);
                    Files.move(entry, aside.resolve(entry.getFileName()), StandardCopyOption.ATOMIC_MOVE);
                }
            }
        }
        TreeSync.directory(logDir);
    }
}
