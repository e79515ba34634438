package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A host whose state lies on a small disk. */
final class StateDiskIT {
    private static final int LESS_THAN_IS_KEPT_MIB = 50;

    @Order(1)
    @RegisterExtension
    static final SmallDisk DISK = new SmallDisk();

    @Order(2)
    @RegisterExtension
    static final Host HOST = new Host("-Dhostel.slots.warm=1").on(DISK.directory());

    @AfterEach
    void room() throws Exception {
        DISK.makeRoom();
    }

    @Test
    void thePoolTakesAQuarterOfWhatIsFreeAndSaysSo() throws Exception {
        assertThat(Files.size(HOST.stateDir().resolve("layers.pool"))).isBetween(200L << 20, 256L << 20);
        assertThat(Machine.read(HOST.log())).contains("hostel.layers.pool-part");
        assertThat(HOST.operator()
                        .get("/v1/capabilities")
                        .is(200)
                        .path("features")
                        .path("layers")
                        .asText())
                .contains("MiB");
    }

    /** What others have written to the disk leaves the host what it keeps: its records go on, and who stores more is refused. */
    @Test
    void asGoodAsFullItStillTakesTheHostsRecords() throws Exception {
        Tenant alice = HOST.tenant("alice");
        App app = alice.app("idle");
        app.deploy(Release.of("web", Program.idle().limits("disk", "16MiB"))).live();
        Tenant bob = HOST.tenant("bob");
        bob.upload(new Tar().file("a", "x").bytes());
        DISK.fillTo(LESS_THAN_IS_KEPT_MIB);

        alice.api()
                .upload(
                        alice.path() + "/artifacts",
                        "application/x-tar",
                        new Tar().file("b", "y").bytes())
                .isProblem(507);
        HOST.operator().get("/v1/backup").isProblem(507);
        for (int i = 0; i < 20; i++) {
            HOST.tenant("carol" + i, Map.of("sandboxes", 1)).delete();
        }
        app.scale("web", 2);
        app.delete();
        bob.delete();
        alice.delete();
        assertThat(Files.list(HOST.stateDir().resolve("artifacts"))).isEmpty();

        DISK.makeRoom();
        Tenant dora = HOST.tenant("dora");
        dora.upload(new Tar().file("b", "y").bytes());
        dora.delete();
    }
}
