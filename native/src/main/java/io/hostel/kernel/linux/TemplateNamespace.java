package io.hostel.kernel.linux;

import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.Mounts;
import io.hostel.sys.Namespaces;
import io.hostel.sys.OpenFile;
import io.hostel.sys.SysException;
import io.hostel.sys.ThrowAwayThread;
import java.nio.file.Path;

/**
 * The mount namespace that launches copy: the host's without the pins, whose number would make every copy slower. It is a slave
 * of the host's where that is shared: what the host unmounts later is unmounted here, too, and not held busy for ever.
 */
final class TemplateNamespace {
    private TemplateNamespace() {}

    /** @param pins mount point to leave out; one that is none is no error */
    static Fd make(Path pins) throws SysException {
        return ThrowAwayThread.call(() -> {
            Namespaces.unshare(Namespaces.MOUNT);
            // Before the first change: it must not reach the host.
            Mounts.mount("", "/", "", Mounts.RECURSIVE | Mounts.SLAVE, "");
            try {
                Mounts.unmount(pins.toString(), Mounts.DETACH | Mounts.UMOUNT_NOFOLLOW);
            } catch (SysException e) {
                if (!e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) throw e;
            }
            return OpenFile.open("/proc/thread-self/ns/mnt", OpenFile.READ);
        });
    }
}
