package io.hostel.kernel.linux;

import io.hostel.kernel.CommandOutput;
import io.hostel.kernel.KernelException;
import io.hostel.kernel.Launcher.ExecPlan;
import io.hostel.kernel.Launcher.ExecResult;
import io.hostel.sys.Descriptors;
import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.OpenFile;
import io.hostel.sys.Stat;
import io.hostel.sys.SysException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** One command in a running sandbox: the memory that its output comes to, and what is made of it in the end. */
final class SandboxExec implements AutoCloseable {
    private static final int NOT_FOUND = 127;
    private static final int NOT_EXECUTABLE = 126;

    private final String program;
    private final Fd stdin;
    private final Fd stdout;
    private final Fd stderr;
    private final Fd result;

    SandboxExec(ExecPlan plan) throws SysException {
        program = plan.command().get(0); // and nothing else: what it is given to read may be long
        // The command gets this descriptor itself, so it is one that cannot write.
        try (Fd sealed = OpenFile.sealed("stdin", plan.stdin())) {
            stdin = OpenFile.open(sealed.path(), OpenFile.READ);
        }
        stdout = OpenFile.memory("stdout");
        stderr = OpenFile.memory("stderr");
        result = OpenFile.memory("result");
    }

    /** In the order in which the launcher wants them. */
    List<Fd> descriptors() {
        return List.of(stdin, stdout, stderr, result);
    }

    /** Once the launcher has ended; at most once. */
    ExecResult result() throws SysException, KernelException {
        String text = new String(content(result), StandardCharsets.UTF_8);
        int failureAt = text.indexOf("failure=");
        LaunchRecords.Fields fields = LaunchRecords.fields(failureAt < 0 ? text : text.substring(0, failureAt));
        if (fields.optional("truncated").isEmpty()) {
            throw new KernelException(
                    Errno.ECHILD.name(), "exec", program, "the process that attended to it was killed");
        }
        Optional<Integer> code = fields.optional("code").map(Integer::parseInt);
        Optional<CommandOutput> failed = Optional.empty();
        if (failureAt >= 0) {
            LauncherReport failure = LauncherReport.parse(text.substring(failureAt + "failure=".length()));
            if (!failure.ofCommand()) throw failure.refusal(program);
            code = Optional.of(failure.errno() == Errno.ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
            failed = Optional.of(CommandOutput.of(
                    (failure.refusal(program).getMessage() + "\n").getBytes(StandardCharsets.UTF_8)));
        }
        return new ExecResult(
                code,
                fields.optional("signal").map(Integer::parseInt),
                output(stdout),
                failed.isPresent() ? failed.get() : output(stderr),
                fields.text("truncated").equals("1"),
                fields.text("timed_out").equals("1"),
                micros(fields.text("wall_us")),
                micros(fields.text("cpu_us")));
    }

    private static Duration micros(String number) {
        return Duration.of(Long.parseLong(number), ChronoUnit.MICROS);
    }

    @Override
    public void close() {
        descriptors().forEach(Fd::close);
    }

    /** It is the output's from now on. */
    private static CommandOutput output(Fd memory) throws SysException {
        return new MemoryOutput(Fd.of(memory.release(), "a command's output"));
    }

    private static byte[] content(Fd memory) throws SysException {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(Stat.of(memory).bytes()));
        while (bytes.hasRemaining() && Descriptors.pread(memory, bytes, bytes.position()) > 0) {}
        return bytes.array();
    }
}
