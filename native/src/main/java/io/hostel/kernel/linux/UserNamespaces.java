package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Descriptors;
import io.hostel.sys.Fd;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Pidfd;
import io.hostel.sys.SysException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A user namespace for each range of uids, so for each tenant: made by the launcher, since a process with threads cannot, and
 * kept open for the tenant's next launch, which then need not wait for one. A tenant's sandboxes so share one with those of
 * about the same time; it gives no power over any of their other namespaces.
 */
final class UserNamespaces implements AutoCloseable {
    /** Descriptors are dear, and another namespace is quickly made. */
    private static final int MOST = 256;

    private static final int KILL = 9;

    /** FD_FIRST_OWN in {@code launcher.h}: where the launcher holds it. */
    private static final int HELD_AT = 11;

    private final Map<Integer, Fd> byBase = new LinkedHashMap<>(16, 0.75f, true);

    /** Starts a launcher with a plan. */
    interface Start {
        LauncherProgram.Started of(List<String> name, byte[] plan) throws SysException;
    }

    /** The caller's to close. */
    Fd of(int uidBase, Start start, Duration patience) throws SysException, KernelException {
        synchronized (this) {
            Fd kept = byBase.get(uidBase);
            if (kept != null) return Descriptors.duplicate(kept);
        }
        Fd made = make(uidBase, start, patience);
        keep(uidBase, Descriptors.duplicate(made));
        return made;
    }

    private synchronized void keep(int uidBase, Fd fd) {
        Optional.ofNullable(byBase.put(uidBase, fd)).ifPresent(Fd::close);
        if (byBase.size() > MOST) {
            var eldest = byBase.entrySet().iterator();
            eldest.next().getValue().close();
            eldest.remove();
        }
    }

    private static Fd make(int uidBase, Start start, Duration patience) throws SysException, KernelException {
        LauncherProgram.Started started =
                start.of(List.of("hostel-userns", String.valueOf(uidBase)), LauncherPlans.userNamespace(uidBase));
        try (Fd answer = started.answer();
                Fd launcher = Pidfd.open(started.pid())) {
            try {
                Optional<LauncherReport> failure = LauncherReport.await(answer, patience, told -> {});
                if (failure.isPresent()) throw failure.get().refusal("user namespace");
                return OpenFile.open("/proc/" + started.pid() + "/fd/" + HELD_AT, OpenFile.READ);
            } finally {
                Pidfd.signal(launcher, KILL);
                Pidfd.await(launcher);
            }
        }
    }

    @Override
    public synchronized void close() {
        byBase.values().forEach(Fd::close);
        byBase.clear();
    }
}
