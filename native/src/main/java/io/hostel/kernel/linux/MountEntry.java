package io.hostel.kernel.linux;

import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A line of /proc/PID/mountinfo; proc(5).
 *
 * @param device of the file system, {@code major:minor}
 * @param root of the file system, what is seen at the mount point
 */
record MountEntry(String device, String root, Path point, String type, String source, String superOptions) {
    private static final int DEVICE = 2;
    private static final int ROOT = 3;
    private static final int POINT = 4;

    /** All of the calling process's mount namespace. */
    static List<MountEntry> all() throws SysException {
        return parse(KernelFile.read("/proc/self/mountinfo"));
    }

    /** What is mounted exactly there; the last one is on top. */
    static Optional<MountEntry> at(Path mountPoint) throws SysException {
        Path real = real(mountPoint);
        return all().stream().filter(mount -> mount.point().equals(real)).reduce((below, above) -> above);
    }

    /** As the kernel shows it: /var/run may be a link to /run. */
    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            return path.toAbsolutePath().normalize(); // not there, so nothing is mounted there
        }
    }

    static List<MountEntry> parse(String mountinfo) {
        return mountinfo.lines().map(MountEntry::parseLine).toList();
    }

    private static MountEntry parseLine(String line) {
        int separator = line.indexOf(" - ");
        String[] before = line.substring(0, separator).split(" ", -1);
        String[] after = line.substring(separator + 3).split(" ", 3);
        return new MountEntry(
                before[DEVICE],
                plain(before[ROOT]),
                Path.of(plain(before[POINT])),
                after[0],
                plain(after[1]),
                after.length > 2 ? after[2] : "");
    }

    /** Blank, tab, line feed and backslash stand as a backslash and three octal digits. */
    private static String plain(String escaped) {
        if (escaped.indexOf('\\') < 0) return escaped;
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '\\' && i + 3 < escaped.length()) {
                plain.append((char) Integer.parseInt(escaped.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }
}
