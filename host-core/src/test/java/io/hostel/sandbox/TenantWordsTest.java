package io.hostel.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.KernelException;
import io.hostel.sandbox.Outcome.Trouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TenantWordsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            make subvolume a7-1 in /run/hostel/layers (descriptor 85): ENOSPC (no space left on device) | make subvolume a7-1: ENOSPC (no space left on device)
            open /run/hostel/launches/a7-1/2/plan: ENOENT (no such file)                                | open: ENOENT (no such file)
            write 64 to /sys/fs/cgroup/pids/hostel0/hs-a7-1/pids.max: EBUSY: it is in use               | write 64: EBUSY: it is in use
            put up a7-1: ECANCELED: mount /var/lib/hostel/x at /run/hostel/y: EPERM; left: []           | put up a7-1: ECANCELED: mount: EPERM; left: []
            attach hs-a7 to bridge hostel0: EXFULL (exchange full): the bridge has 1,023 ports          | attach hs-a7 to bridge hostel0: EXFULL (exchange full): the bridge has 1,023 ports
            answers 1/2 of what was asked, and and/or nothing                                           | answers 1/2 of what was asked, and and/or nothing
            look up (descriptor 9): EIO                                                                 | look up: EIO
            """)
    void whatIsTheHostsIsLeftOut(String whole, String told) {
        assertThat(TenantWords.of(whole)).isEqualTo(told);
    }

    @Test
    void aJobsTroubleIsToldWithoutPaths() {
        Outcome<String> refused = Outcome.of(() -> {
            throw new KernelException("ENOSPC", "make subvolume a in", "/run/hostel/layers (descriptor 85)", "");
        });
        assertThat(((Trouble<String>) refused).why()).isEqualTo("make subvolume a: ENOSPC");
        Outcome<String> broken = Outcome.of(() -> {
            throw new java.nio.file.NoSuchFileException("/run/hostel/ledger/a.json");
        });
        assertThat(((Trouble<String>) broken).why()).doesNotContain("/run");
    }

    @Test
    void pathsOfTheCommandAreTheTenantsOwn() {
        Outcome<String> refused = Outcome.of(() -> {
            throw new KernelException("ENOENT", "exec", "/app/server", "no such file");
        });
        assertThat(((Trouble<String>) refused).why()).isEqualTo("exec /app/server: ENOENT: no such file");
    }
}
