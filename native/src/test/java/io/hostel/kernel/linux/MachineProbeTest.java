package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineProbeTest {
    private static final int[] LEAST = {5, 19};

    @Test
    void releasesAreComparedByTheirNumbers() {
        assertThat(MachineProbe.isOlder("5.18.19-generic", LEAST)).isTrue();
        assertThat(MachineProbe.isOlder("4.19.0", LEAST)).isTrue();
        assertThat(MachineProbe.isOlder("5.19.0-50-generic", LEAST)).isFalse();
        assertThat(MachineProbe.isOlder("6.1.0-28-amd64", LEAST)).isFalse();
        assertThat(MachineProbe.isOlder("nonsense", LEAST)).isTrue();
    }

    @Test
    void aFileSystemIsThereWhenItCanBeLoaded() {
        KernelModules modules =
                new KernelModules("nodev\ttmpfs\n\text4\n", "kernel/fs/btrfs/btrfs.ko: kernel/lib/raid6.ko\n");
        assertThat(modules.hasFileSystem("ext4")).isTrue();
        assertThat(modules.hasFileSystem("btrfs")).isTrue();
        assertThat(modules.hasFileSystem("overlay")).isFalse();
    }
}
