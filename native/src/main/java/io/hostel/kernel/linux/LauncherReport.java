package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Descriptors;
import io.hostel.sys.Epoll;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.SysException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** What the launcher says: {@code ok}, or errno, step and its object, a line each; see {@code report.c}. */
record LauncherReport(Errno errno, String step, String target) {
    private static final String SUCCESS = "ok\n";
    private static final int MOST_BYTES = 2048;

    /** Empty when it has done what it should. */
    static Optional<LauncherReport> await(Fd answer, Duration patience) throws SysException {
        StringBuilder text = new StringBuilder();
        long deadline = System.nanoTime() + patience.toNanos();
        try (Epoll epoll = Epoll.open()) {
            epoll.add(answer, 0);
            while (!text.toString().equals(SUCCESS)) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) return Optional.of(new LauncherReport(Errno.ETIMEDOUT, "start", "the launcher"));
                if (epoll.await((int) Math.min(left, 10_000)).isEmpty()) continue;
                ByteBuffer chunk = ByteBuffer.allocate(MOST_BYTES);
                if (Descriptors.read(answer, chunk) == 0) return Optional.of(parse(text.toString()));
                text.append(new String(chunk.array(), 0, chunk.position(), StandardCharsets.UTF_8));
            }
        }
        return Optional.empty();
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
