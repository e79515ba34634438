package io.hostel.host;

import io.hostel.sys.Stat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Who holds a lock by fcntl(2) on a file.
 *
 * @param pid as this PID namespace counts; 0 or less where it is of none that is seen here
 * @param root whether it runs as root, by its credentials: proc_pid_status(5). One that has ended meanwhile does
 */
record LockHolder(int pid, boolean root) {
    private static final Path LOCKS = Path.of("/proc/locks");
    private static final Set<String> OF_FCNTL = Set.of("POSIX", "OFDLCK");

    /**
     * All who hold one; none where the file system tells stat(2) of another device than its own, as btrfs does. A lock
     * that belongs to an open file, and to no process, is taken for root's.
     */
    static List<LockHolder> of(Stat file) throws IOException {
        return of(file, Files.readAllLines(LOCKS));
    }

    static List<LockHolder> of(Stat file, List<String> locks) {
        String name = String.format("%02x:%02x:%d", file.device() >>> 32, (int) file.device(), file.inode());
        List<LockHolder> holders = new ArrayList<>();
        for (String line : locks) {
            // 1: POSIX  ADVISORY  WRITE 4711 00:1c:815 0 EOF; one who waits has an arrow before the kind
            List<String> words = List.of(line.strip().split("\\s+"));
            if (words.size() > 5 && OF_FCNTL.contains(words.get(1)) && words.get(5).equals(name)) {
                int pid = Integer.parseInt(words.get(4));
                holders.add(new LockHolder(pid, isRoot(pid)));
            }
        }
        return holders;
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
