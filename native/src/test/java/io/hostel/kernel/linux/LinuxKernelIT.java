package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.Kernel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LinuxKernelIT {
    @Test
    void openingAndClosingChangesNothingAndLeavesNoDescriptorAndNoThread() throws Exception {
        try (LinuxKernel first = LinuxKernel.open("hs-probe0", Runnable::run)) {
            assertThat(first.cgroups().groups()).isEmpty(); // loads what is loaded once
        }
        long before = descriptors();
        for (int i = 0; i < 10; i++) {
            try (LinuxKernel opened = LinuxKernel.open("hs-probe0", Runnable::run)) {
                Kernel kernel = opened;
                int self = (int) ProcessHandle.current().pid();
                assertThat(kernel.processes()
                                .alive(kernel.processes().identify(self).orElseThrow()))
                        .isTrue();
                assertThat(kernel.links().named("hs-", "hostel0")).isEmpty();
                assertThat(kernel.cgroups().version()).isIn("v1", "v2", "hybrid");
            }
        }
        assertThat(descriptors()).isLessThanOrEqualTo(before);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("hostel-deaths"));
    }

    private static long descriptors() throws Exception {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }
}
