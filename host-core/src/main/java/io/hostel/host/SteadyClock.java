package io.hostel.host;

import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that nobody can set, for whatever is decided by how long something has lasted: the time since the boot, as if that had
 * been at {@link Instant#EPOCH}. A later daemon's goes on where this one's ends. Never to be shown.
 */
final class SteadyClock implements InstantSource {
    /** Of the boot before the origin of {@link System#nanoTime}, whose own is nobody's business. */
    private final long boot;

    private SteadyClock(long boot) {
        this.boot = boot;
    }

    static SteadyClock begin() throws SysException {
        String seconds = KernelFile.read("/proc/uptime").split(" ", 2)[0];
        return new SteadyClock((long) (Double.parseDouble(seconds) * 1e9) - System.nanoTime());
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH.plusNanos(System.nanoTime() + boot);
    }
}
