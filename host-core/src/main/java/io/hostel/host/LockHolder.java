package io.hostel.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Who holds a lock by fcntl(2) on a file.
 *
 * @param pid as this PID namespace counts; 0 or less where it is of none that is seen here
 * @param root whether it runs as root, by its credentials: proc_pid_status(5). One that has ended meanwhile does
 */
record LockHolder(int pid, boolean root) {
    private static final Path LOCKS = Path.of("/proc/locks");

    /** Empty where nobody holds one. */
    static Optional<LockHolder> of(Path file) throws IOException {
        String inode = ":" + Files.getAttribute(file, "unix:ino");
        for (String line : Files.readAllLines(LOCKS)) {
            // 1: POSIX  ADVISORY  WRITE 4711 00:1c:815 0 EOF; one who waits has an arrow before the kind
            List<String> words = List.of(line.strip().split("\\s+"));
            if (words.size() > 5 && words.get(1).equals("POSIX") && words.get(5).endsWith(inode)) {
                int pid = Integer.parseInt(words.get(4));
                return Optional.of(new LockHolder(pid, isRoot(pid)));
            }
        }
        return Optional.empty();
    }

    private static boolean isRoot(int pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("Uid:"))
                    .anyMatch(line -> line.matches("Uid:(\\s+0)+"));
        } catch (IOException e) {
            return true;
        }
    }
}
