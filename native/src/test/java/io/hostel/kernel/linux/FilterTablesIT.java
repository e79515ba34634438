package io.hostel.kernel.linux;

import static io.hostel.kernel.linux.NetworkLab.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.linux.NetworkLab.Guest;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The whole filter as nft(8) reads it back, with one published sandbox. */
class FilterTablesIT {

    @Test
    void nftReadsTheTablesAsTheyAreMeant() throws Exception {
        // On a machine that was no router.
        Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "0");
        try (NetworkLab lab = new NetworkLab()) {
            Guest guest = lab.sandbox(2, 7);
            lab.filter.publish(20000, List.of(guest.backend(8080), guest.backend(8081)));
            lab.filter.link(7, 9);
            lab.filter.bound(7, 5);
            assertThat(listing()).isEqualTo(expected());
        }
    }

    /** Machines save their ruleset with nft(8) and load it at boot: what it cannot read back would cost them their firewall. */
    @Test
    void whatNftSavesItCanLoadAgain() throws Exception {
        try (NetworkLab lab = new NetworkLab()) {
            Guest guest = lab.sandbox(2, 7);
            lab.filter.publish(20000, List.of(guest.backend(8080)));
            Path saved = Files.createTempFile("saved", ".nft");
            String before = listing();
            Files.writeString(saved, "flush ruleset\n" + run("nft", "list", "ruleset"));
            run("nft", "-f", saved.toString());
            assertThat(listing()).isEqualTo(before);
            Files.delete(saved);
        }
    }

    private static String listing() throws Exception {
        return run("nft", "list", "ruleset")
                .replaceAll("comment \"hostel [0-9a-f]{16}\"", "comment \"hostel DIGEST\"")
                .replaceAll("counter packets [0-9]+ bytes [0-9]+", "counter");
    }

    private static String expected() throws Exception {
        try (InputStream in = FilterTablesIT.class.getResourceAsStream("filter.nft")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
