package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A host whose state lies on a disk with project quotas. */
@TestMethodOrder(MethodOrderer.MethodName.class)
final class ProjectQuotaInVm {
    private static final long MIB = 1 << 20;

    @Order(1)
    @RegisterExtension
    static final QuotaDisk DISK = new QuotaDisk();

    @Order(2)
    @RegisterExtension
    static final Host HOST = new Host().on(DISK.directory());

    private static Tenant alice;
    private static App app;

    @BeforeAll
    static void aTenant() {
        alice = HOST.tenant("alice");
        app = alice.app("writer");
        app.deploy(Release.of("web", Program.idle().limits("disk", "16MiB"))).live();
    }

    private static long bytes(Sandbox of, String path) {
        return Long.parseLong(of.exec("stat", "-c", "%s", path).succeeded().strip());
    }

    @Test
    void aTheHostSaysSoAndReservesNothing() {
        assertThat(HOST.operator().get("/v1/capabilities").is(200).toString()).contains("project quotas of ext4");
        assertThat(HOST.stateDir().resolve("layers.pool")).doesNotExist();
        assertThat(HOST.stateDir().resolve("layers")).isDirectory();
    }

    @Test
    void bTheDiskEndsWhereTheLimitSays() {
        Sandbox writer = app.sandbox();
        assertThat(writer.exec("dd", "if=/dev/urandom", "of=/app/big", "bs=1M", "count=64")
                        .code())
                .isNotZero();
        assertThat(bytes(writer, "/app/big")).isBetween(12 * MIB, 16 * MIB);
        writer.exec("rm", "/app/big").succeeded();
        assertThat(writer.exec("fallocate", "-l", "64M", "/app/big").code()).isNotZero();
        writer.shell("rm -f /app/big; echo again > /app/again").succeeded();
        assertThat(writer.python("import os\nfor i in range(100000): open('/app/f%d' % i, 'w').close()")
                        .stderr())
                .contains("quota");
        writer.shell("cd /app && find . -name 'f*' -delete").succeeded();
    }

    /** FS_IOC_FSSETXATTR and FS_IOC_SETFLAGS, as root inside: into another project, and out of the inheritance. */
    @Test
    void cNobodyInsideLeavesTheProject() {
        String program = """
                import fcntl, os, struct
                os.makedirs("/app/dir", exist_ok=True)
                fd = os.open("/app/dir", os.O_RDONLY)
                got = bytearray(28)
                fcntl.ioctl(fd, 0x801c581f, got)
                flags, size, extents, project = struct.unpack_from("IIII", got)
                print("project", project != 0, "inherited", flags & 0x200 != 0)
                for change in ((flags, 0), (flags, 5), (flags & ~0x200, project)):
                    asked = bytearray(got)
                    struct.pack_into("I", asked, 0, change[0])
                    struct.pack_into("I", asked, 12, change[1])
                    try:
                        fcntl.ioctl(fd, 0x401c5820, bytes(asked))
                        print("allowed", change)
                    except OSError as e:
                        print("refused", e.errno)
                try:
                    fcntl.ioctl(fd, 0x40086602, struct.pack("l", 0x80000))
                except OSError as e:
                    print("flags refused", e.errno)
                fcntl.ioctl(fd, 0x801c581f, got)
                now = struct.unpack_from("IIII", got)
                print("still", now[3] == project, now[0] & 0x200 != 0)
                """;
        Sandbox.Executed tried = app.sandbox().python(program);
        assertThat(tried.succeeded())
                .startsWith("project True inherited True\n")
                .contains("flags refused 95\n")
                .doesNotContain("allowed")
                .endsWith("still True True\n");
    }

    @Test
    void dAKilledHostAdoptsAndTakesAway() throws Exception {
        app.sandbox().shell("echo kept > /app/kept").succeeded();
        HOST.daemon().kill();
        HOST.startAgain();
        assertThat(app.sandbox().exec("cat", "/app/kept").succeeded()).isEqualTo("kept\n");
        assertThat(app.sandbox()
                        .exec("dd", "if=/dev/zero", "of=/app/big", "bs=1M", "count=64")
                        .code())
                .isNotZero();
    }

    @Test
    void eAFullDiskLeavesTheHostItsRoom() throws Exception {
        Path ballast = DISK.directory().resolve("ballast");
        try (OutputStream out = Files.newOutputStream(ballast)) {
            byte[] mib = new byte[(int) MIB];
            while (Files.getFileStore(ballast).getUsableSpace() > 40 * MIB) {
                out.write(mib);
                out.flush();
                Shell.run("sync", "-f", ballast.toString());
            }
        } catch (IOException e) {
            throw new AssertionError("the disk is fuller than it was to be", e);
        }
        App other = alice.app("other");
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(Machine.read(HOST.log())).contains("were promised more than there is"));
        other.deploy(Release.of("web", Program.idle().limits("disk", "512MiB"))).live();
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(other.sandbox()
                                .exec("dd", "if=/dev/zero", "of=/app/big", "bs=1M", "count=30")
                                .code())
                        .isNotZero());
        Files.delete(ballast);
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> other.sandbox()
                        .exec("dd", "if=/dev/zero", "of=/app/big", "bs=1M", "count=30")
                        .succeeded());
        other.delete();
    }
}
