package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Descriptors;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.Sockets;
import io.hostel.sys.SysException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the launcher says: a line that begins with {@code ok}, in which {@code KEY=VALUE} may follow, of a launch what is recorded of
 * it and how long its parts took in microseconds; or errno, step and its object, a line each; see {@code report.c}.
 */
record LauncherReport(Errno errno, String step, String target) {
    private static final int MOST_BYTES = 2048;

    private static final LauncherReport TIMED_OUT = new LauncherReport(Errno.ETIMEDOUT, "start", "the launcher");

    /**
     * Empty when it has done what it should.
     *
     * @param told what it says then
     */
    static Optional<LauncherReport> await(Fd answer, Duration patience, Consumer<LaunchRecords.Fields> told)
            throws SysException {
        StringBuilder text = new StringBuilder();
        long deadline = System.nanoTime() + patience.toNanos();
        ByteBuffer chunk = ByteBuffer.allocate(MOST_BYTES);
        while (!succeeded(text)) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) return Optional.of(TIMED_OUT);
            if (!Sockets.readable(answer, (int) Math.min(left, 10_000))) continue;
            if (read(answer, chunk.clear()) == 0) return Optional.of(parse(text.toString()));
            text.append(new String(chunk.array(), 0, chunk.position(), StandardCharsets.UTF_8));
        }
        told.accept(LaunchRecords.fields(text.toString().strip().replace(' ', '\n')));
        return Optional.empty();
    }

    /** A failure begins with a number. */
    private static boolean succeeded(StringBuilder text) {
        return text.length() >= 3 && text.charAt(0) == 'o' && text.charAt(text.length() - 1) == '\n';
    }

    /** A socket whose other end went away with something unread says ECONNRESET instead of its end. */
    private static int read(Fd answer, ByteBuffer chunk) throws SysException {
        try {
            return Descriptors.read(answer, chunk);
        } catch (SysException e) {
            if (e.is(Errno.ECONNRESET)) return 0;
            throw e;
        }
    }

    /** Whether it died without a word. */
    boolean died() {
        return errno == Errno.ECHILD;
    }

    /** Whether nothing was heard of it for as long as it was waited for. */
    boolean timedOut() {
        return equals(TIMED_OUT);
    }

    static LauncherReport parse(String text) {
        String[] lines = text.split("\n", 3);
        if (lines.length < 3 || !lines[0].matches("[0-9]{1,4}")) {
            return new LauncherReport(Errno.ECHILD, "start", "the launcher: it was killed");
        }
        return new LauncherReport(Errno.of(Integer.parseInt(lines[0])), lines[1], lines[2]);
    }

    /** Whether the command itself is to blame, and not what the host did for it. */
    boolean ofCommand() {
        return step.equals("exec") || step.equals("enter the working directory");
    }

    /** @param program as the plan names it */
    KernelException refusal(String program) {
        if (!ofCommand()) return new KernelException(errno.name(), step, target, errno.words());
        String words = step.equals("exec") ? errno.words() : errno.words() + ": working directory " + target;
        return new KernelException(errno.name(), "exec", program, words);
    }
}
