package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.sys.Descriptors;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.OpenFile;
import io.hostel.sys.SysException;
import java.nio.file.Path;

/** How much goes into a file before the disk, or a quota, is full. */
final class Filling {
    private Filling() {}

    /** Writes MiB after MiB until it is refused; how many went in. */
    static long fill(Path path, int most) throws SysException {
        byte[] mib = new byte[1 << 20];
        int flags = OpenFile.WRITE | OpenFile.CREATE;
        int written = 0;
        try (Fd fd = OpenFile.open(path.toString(), flags, 0600)) {
            for (; written < most; written++) Descriptors.writeAll(fd, mib);
        } catch (SysException e) {
            assertThat(e.errno()).isIn(Errno.EDQUOT, Errno.ENOSPC);
        }
        return written;
    }
}
