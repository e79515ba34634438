package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher.Laps;
import io.hostel.kernel.Launcher.Launched;
import io.hostel.kernel.Launcher.Launching;
import io.hostel.kernel.Launcher.Plan;
import io.hostel.kernel.linux.LaunchRecords.Fields;
import io.hostel.sys.Descriptors;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Sockets;
import io.hostel.sys.SysException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One launch, from the word to the answer. It is told to whoever is there already, the quickest first: the monitor that is
 * parked for it, the sandbox's zygote, a new zygote. Each is told in lines where the plan is, and then to go; see
 * {@code control.c}.
 */
final class LinuxLaunching implements Launching {
    /** A launch takes milliseconds; this is for a machine that hangs. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** As {@code launch.c} tells how long they took. */
    private static final List<String> LAPS = List.of("hand", "mounts", "confine", "exec");

    private static final String CONTROL = "control";
    private static final String GO = "go\n";

    private final LinuxLauncher launcher;
    private final Plan plan;
    private final Fd userns;
    private final Fd planned;
    private final String toParked;
    private final String toZygote;
    private @Nullable Fd listener;
    private Fields told = LaunchRecords.fields("");
    private boolean over;

    /**
     * @param userns the tenant's user namespace
     * @param planned the plan; both are this object's from now on
     */
    private LinuxLaunching(LinuxLauncher launcher, Plan plan, Fd userns, Fd planned) {
        this.launcher = launcher;
        this.plan = plan;
        this.userns = userns;
        this.planned = planned;
        this.toParked = LauncherPlans.pathFromOutside(planned) + "\n";
        this.toZygote = plan.recordDir() + "\n" + toParked;
    }

    /** @param forked connection to a zygote that has forked for this launch already */
    static LinuxLaunching begin(LinuxLauncher launcher, Plan plan, Fd userns, Fd planned, Optional<Fd> forked)
            throws SysException, KernelException {
        LinuxLaunching launching = new LinuxLaunching(launcher, plan, userns, planned);
        launching.listener = forked.orElse(null);
        try {
            if (forked.isPresent()) {
                say(forked.get(), launching.toZygote);
                return launching;
            }
            launching.listener = tell(plan.recordDir(), launching.toParked).orElse(null);
            if (launching.listener == null) {
                launching.listener = tell(plan.records(), launching.toZygote).orElse(null);
            }
            return launching;
        } catch (SysException | RuntimeException e) {
            launching.close();
            throw e;
        }
    }

    @Override
    public Launched go(Laps laps, Runnable meanwhile) throws KernelException {
        try {
            Optional<LauncherReport> failure = outcome(fields -> told = fields, meanwhile);
            over = failure.isEmpty();
            if (failure.isPresent()) {
                throw failure.get().refusal(plan.command().get(0));
            }
            LAPS.forEach(part -> told.optional(part).ifPresent(micros -> laps.took(part, micros(micros))));
            return LaunchRecords.launched(told);
        } catch (SysException e) {
            throw Refused.by(e);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new KernelException(
                    Errno.EBADMSG.name(), "launch", plan.id(), "the launcher's answer is not clear: " + e.getMessage());
        }
    }

    private static Duration micros(String number) {
        return Duration.of(Long.parseLong(number), ChronoUnit.MICROS);
    }

    private Optional<LauncherReport> outcome(Consumer<Fields> told, Runnable meanwhile)
            throws SysException, KernelException {
        Optional<LauncherReport> failure = answer(listener, told, meanwhile);
        boolean stopped = failure.isPresent() && failure.get().timedOut() && launcher.anyStopped(plan);
        if (failure.isEmpty() || !failure.get().died() && !stopped) return failure;
        launcher.end(plan.recordDir());
        if (!stopped) {
            failure = anew(told);
            if (failure.isEmpty() || !failure.get().died()) return failure;
            launcher.end(plan.recordDir());
        }
        launcher.replaceZygote(plan);
        return anew(told);
    }

    private Optional<LauncherReport> anew(Consumer<Fields> told) throws SysException {
        try (Fd connection = tell(plan.records(), toZygote).orElse(null)) {
            return answer(connection, told, () -> {});
        }
    }

    /** Says the lines to whoever listens in a directory; empty where nobody does. */
    private static Optional<Fd> tell(Path listening, String lines) throws SysException {
        Optional<Fd> connection = connect(listening);
        if (connection.isEmpty()) return connection;
        try {
            say(connection.get(), lines);
            return connection;
        } catch (SysException e) {
            connection.get().close();
            throw e;
        }
    }

    /** To whoever listens in a directory; empty where nobody does. */
    static Optional<Fd> connect(Path listening) throws SysException {
        try (Fd directory = OpenFile.open(listening.toString(), OpenFile.PATH | OpenFile.DIRECTORY)) {
            return Optional.of(Sockets.connect(directory, CONTROL));
        } catch (SysException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ECONNREFUSED)) return Optional.empty();
            throw e;
        }
    }

    /** Lets the command run, and waits for what becomes of it. One that is gone may have said why before it went. */
    private static Optional<LauncherReport> answer(@Nullable Fd connection, Consumer<Fields> told, Runnable meanwhile)
            throws SysException {
        if (connection == null) return Optional.of(LauncherReport.parse(""));
        say(connection, GO);
        meanwhile.run();
        return LauncherReport.await(connection, PATIENCE, told);
    }

    private static void say(Fd connection, String lines) throws SysException {
        try {
            Descriptors.writeAll(connection, lines.getBytes(StandardCharsets.UTF_8));
        } catch (SysException e) {
            if (!e.is(Errno.EPIPE) && !e.is(Errno.ECONNRESET)) throw e;
        }
    }

    @Override
    public void close() throws KernelException {
        Fd open = listener;
        listener = null;
        if (open != null) open.close();
        // After it: who still has the connection knows that these two are still what it was told of; launch.c.
        userns.close();
        planned.close();
        if (over) return;
        over = true;
        try {
            launcher.end(plan.recordDir());
        } catch (SysException e) {
            throw Refused.by(e);
        }
    }
}
