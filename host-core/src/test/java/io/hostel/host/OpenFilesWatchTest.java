package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.config.Quota;
import io.hostel.config.QuotaField;
import io.hostel.fake.FakeOpenFiles;
import io.hostel.kernel.linux.LinuxOpenFiles;
import io.hostel.kernel.linux.LinuxProcesses;
import io.hostel.store.DesiredState.StoredTenant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OpenFilesWatchTest {
    private final List<String> events = new ArrayList<>();
    private final FakeOpenFiles files = new FakeOpenFiles(1000);

    @Test
    void nobodyIsLookedAtUntilHalfOfAllIsTaken() throws Exception {
        files.opens(100_001, 499);

        watch().look();

        assertThat(files.counted()).isZero();
        assertThat(events).isEmpty();
        assertThat(files.living()).hasSize(1);
    }

    @Test
    void theProcessesWithMostOfATenantOverItsQuotaAreKilledUntilItIsWithin() throws Exception {
        int small = files.opens(100_000, 40);
        files.opens(100_002, 150);
        files.opens(165_535, 200);
        int others = files.opens(165_536, 290);
        int machines = files.opens(0, 300);

        watch().look();

        assertThat(files.living()).containsExactlyInAnyOrder(small, others, machines);
        assertThat(events).hasSize(2);
        assertThat(events.get(0)).startsWith("- host.files").contains("980 of at most 1000").contains("fs.file-max");
        assertThat(events.get(1)).startsWith("acme tenant.files").contains("open=390", "allowed=100", "killed=2");
    }

    @Test
    void thatItIsPressedIsToldOnceUntilItIsNoMore() throws Exception {
        int process = files.opens(0, 600);
        OpenFilesWatch watch = watch();
        watch.look();
        watch.look();
        assertThat(events).hasSize(1);
        files.end(process);
        watch.look();
        files.opens(0, 600);
        watch.look();
        assertThat(events).hasSize(2);
    }

    /** The real kernel's, and a process that has opened too many. */
    @Test
    void aProcessIsKilled() throws Exception {
        // Another run of this test on the machine has uids of its own.
        int uidBase = 1_000_000_000 + (int) (ProcessHandle.current().pid() % 10_000) * 65_536;
        String opens = "import os, time\nos.setuid(" + (uidBase + 7) + ")\n"
                + "kept = [open('/dev/null') for _ in range(200)]\nprint('open', flush=True)\ntime.sleep(600)\n";
        Process process = new ProcessBuilder("/usr/bin/python3", "-c", opens).start();
        try (LinuxProcesses processes = new LinuxProcesses()) {
            assertThat(process.inputReader().readLine()).isEqualTo("open");
            OpenFilesWatch watch = new OpenFilesWatch(
                    new LinuxOpenFiles(processes),
                    processes,
                    () -> CompletableFuture.completedStage(List.of(tenant("real", uidBase, 100))),
                    this::note,
                    0);

            watch.look();

            assertThat(process.waitFor()).isEqualTo(128 + 9);
            assertThat(events).anyMatch(event -> event.startsWith("real tenant.files") && event.contains("open=203"));
        } finally {
            process.destroyForcibly();
        }
    }

    private OpenFilesWatch watch() {
        return new OpenFilesWatch(
                files,
                files.processes(),
                () -> CompletableFuture.completedStage(
                        List.of(tenant("acme", 100_000, 100), tenant("other", 165_536, 290))),
                this::note,
                OpenFilesWatch.PRESSED);
    }

    private void note(Optional<String> tenant, String kind, Map<String, String> details) {
        events.add(tenant.orElse("-") + " " + kind + " " + new java.util.TreeMap<>(details));
    }

    private static StoredTenant tenant(String id, int uidBase, long allowed) {
        return new StoredTenant(
                id, 1, uidBase, List.of(1), Quota.STANDARD.with(QuotaField.FILES, allowed), false);
    }
}
