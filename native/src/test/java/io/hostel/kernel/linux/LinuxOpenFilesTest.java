package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.OpenFiles;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** By processes of this machine, as root. */
class LinuxOpenFilesTest {
    private static final int UID = 2_000_123_456;

    private static final String OPENS = """
            import ctypes, os, sys, time
            os.setuid(int(sys.argv[1]))
            if sys.argv[2] == "hidden": ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
            kept = [open("/dev/null") for _ in range(500)]
            print("open", flush=True)
            time.sleep(600)
            """;

    @Test
    void theTableHoldsWhatIsOpen() throws Exception {
        try (LinuxProcesses processes = new LinuxProcesses()) {
            OpenFiles.Table table = new LinuxOpenFiles(processes).table();

            assertThat(table.open()).isPositive().isLessThan(table.most());
        }
    }

    @Test
    void descriptorsAreCountedByTheUserThatAProcessRunsAs() throws Exception {
        Process plain = opening("plain");
        Process hidden = opening("hidden");
        try (LinuxProcesses processes = new LinuxProcesses()) {
            List<OpenFiles.Holder> holders = new LinuxOpenFiles(processes).holders(UID);

            for (Process process : List.of(plain, hidden)) {
                Optional<OpenFiles.Holder> found = holders.stream()
                        .filter(holder -> holder.process().pid() == process.pid())
                        .findFirst();
                assertThat(found).hasValueSatisfying(holder -> {
                    assertThat(holder.uid()).isEqualTo(UID);
                    assertThat(holder.descriptors()).isEqualTo(503); // standard input, output and error
                    assertThat(processes.alive(holder.process())).isTrue();
                });
            }
            assertThat(holders).allMatch(holder -> holder.uid() >= UID);
        } finally {
            plain.destroyForcibly();
            hidden.destroyForcibly();
        }
    }

    private static Process opening(String how) throws Exception {
        Process process = new ProcessBuilder("/usr/bin/python3", "-c", OPENS, Integer.toString(UID), how)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("open");
        return process;
    }
}
