package io.hostel.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A backup made while the host serves, and brought back. */
final class BackupIT {
    @RegisterExtension
    static final Host HOST = new Host();

    @TempDir
    Path directory;

    private static Shell.Outcome hostel(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Shell.root().resolve("ops/hostel").toString()));
        command.addAll(List.of(arguments));
        return Shell.outcome(
                Map.of(
                        "HOSTEL_URL",
                        HOST.daemon().api(),
                        "HOSTEL_TOKEN",
                        HOST.operator().token()),
                command.toArray(String[]::new));
    }

    private static String ok(String... arguments) {
        Shell.Outcome outcome = hostel(arguments);
        assertThat(outcome.code())
                .as("hostel %s: %s", String.join(" ", arguments), outcome.output())
                .isZero();
        return outcome.output();
    }

    private static List<String> stateFiles() throws IOException {
        try (Stream<Path> files = Files.list(HOST.stateDir())) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("hostel.db-"))
                    .sorted()
                    .toList();
        }
    }

    private static byte[] site(String text) {
        byte[] noise = new byte[200_000];
        new Random(7).nextBytes(noise);
        return new Tar()
                .file("index.html", text)
                .file("noise", java.util.Base64.getEncoder().encodeToString(noise))
                .bytes();
    }

    private static App deploySite(Tenant tenant, String app, String text) {
        String digest = tenant.upload(site(text));
        App deployed = tenant.app(app);
        deployed.deploy(Release.of(
                                "web",
                                Program.of("python3", "-m", "http.server", "8080")
                                        .with("port", 8080))
                        .with("artifact", digest))
                .live();
        return deployed;
    }

    private static List<String> tenants() {
        List<String> names = new ArrayList<>();
        HOST.operator()
                .get("/v1/tenants")
                .is(200)
                .path("items")
                .forEach(one -> names.add(one.path("id").asText()));
        return names;
    }

    @AfterEach
    void deleteAll() {
        tenants()
                .forEach(tenant -> HOST.operator()
                        .delete("/v1/tenants/" + tenant + Patience.WAIT)
                        .succeeded());
    }

    private static void healthy() {
        Awaitility.await().atMost(Host.PATIENCE).untilAsserted(() -> {
            JsonNode doctor = HOST.operator().get("/v1/doctor").is(200);
            assertThat(doctor.path("leaked")).isEmpty();
            assertThat(doctor.path("missing")).isEmpty();
        });
    }

    private static String served(App app) {
        return Awaitility.await(app.path() + " answers")
                .atMost(Host.PATIENCE)
                .ignoreExceptions()
                .until(() -> Shell.curl("http://127.0.0.1:" + app.publishedPort("web") + "/index.html"), text -> true);
    }

    @Test
    void theStateIsExactlyTheBackups() throws Exception {
        Tenant alice = HOST.tenant("alice");
        App shop = deploySite(alice, "shop", "as it was");
        Tenant bob = HOST.tenant("bob");
        App idle = bob.app("idle");
        idle.deploy(Release.of("work", Program.idle())).live();
        int port = shop.publishedPort("web");
        Path file = directory.resolve("hostel.backup");

        assertThat(ok("backup", file.toString())).contains("Backed up to ").contains("iB");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(served(shop)).as("goes on serving").isEqualTo("as it was");
        assertThat(hostel("backup", file.toString()).output()).contains("is there already");
        ok("backup", file.toString(), "--force");
        List<String> before = stateFiles();
        String tokenBefore = HOST.operator().token();

        // All that could clash: the same names with other content, numbers and addresses that pass to others.
        deploySite(alice, "shop", "changed");
        shop.scale("web", 2);
        bob.delete();
        Tenant carol = HOST.tenant("carol");
        App carols = carol.app("idle");
        carols.deploy(Release.of("work", Program.idle().scale(3))).live();
        App late = alice.app("late");
        late.deploy(Release.of("work", Program.idle())).live();
        long pid = HOST.daemon().pid();

        String restored = ok("restore", file.toString());
        assertThat(restored).contains("Restored the state of 20").contains("replaced-");
        assertThat(HOST.daemon().isAlive()).isTrue();
        assertThat(HOST.daemon().pid()).isEqualTo(pid);

        assertThat(tenants()).containsExactly("alice", "bob");
        shop.running(1);
        assertThat(served(shop)).isEqualTo("as it was");
        assertThat(shop.publishedPort("web")).isEqualTo(port);
        assertThat(shop.view().path("release").asInt()).isEqualTo(1);
        idle.running(1);
        assertThat(alice.api().get(late.path()).status()).isEqualTo(404);
        assertThat(carol.api().get("/v1/tenants/carol").status()).isEqualTo(401);
        assertThat(HOST.operator().token()).isEqualTo(tokenBefore);
        healthy();
        List<String> added = new ArrayList<>(stateFiles());
        added.removeAll(before);
        assertThat(added).hasSize(1).allMatch(name -> name.startsWith("replaced-"));
        assertThat(HOST.stateDir().resolve(added.get(0)).resolve("hostel.db")).exists();
        Path logs = HOST.directory().resolve("log");
        assertThat(logs.resolve("carol")).doesNotExist();
        assertThat(logs.resolve("tenants." + added.get(0)).resolve("carol")).isDirectory();
        noZombies(pid);

        // What came back is a host like any other.
        Tenant dora = HOST.tenant("dora");
        deploySite(dora, "site", "new");
        HOST.daemon().kill();
        HOST.startAgain();
        assertThat(HOST.daemon().adopted()).isEqualTo(3);
        assertThat(tenants()).containsExactly("alice", "bob", "dora");
    }

    private static void noZombies(long parent) {
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(
                        () -> assertThat(Shell.outcome(Map.of(), "ps", "--ppid", Long.toString(parent), "-o", "stat=")
                                        .output())
                                .doesNotContain("Z"));
    }

    @Test
    void whatIsDeletedWhileTheBackupIsReadIsInIt() throws Exception {
        Tenant alice = HOST.tenant("alice");
        Tar large = new Tar();
        byte[] noise = new byte[12 << 20];
        new Random(3).nextBytes(noise);
        large.file("noise", new String(noise, java.nio.charset.StandardCharsets.ISO_8859_1));
        String digest = alice.upload(large.bytes());
        Path tree = HOST.stateDir().resolve("artifacts").resolve(digest.replace(':', '-'));
        Path file = directory.resolve("backup");
        HttpRequest request = HttpRequest.newBuilder(URI.create(HOST.daemon().api() + "/v1/backup"))
                .header("Authorization", "Bearer " + HOST.operator().token())
                .build();
        try (InputStream in = HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofInputStream())
                .body()) {
            assertThat(HOST.operator()
                            .get("/v1/backup")
                            .isProblem(409)
                            .path("code")
                            .asText())
                    .isEqualTo("backup-under-way");
            alice.delete();
            assertThat(tree).as("held for the backup").exists();
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(tree).as("let go").doesNotExist());
        assertThat(stateFiles()).noneMatch(name -> name.startsWith(".backup"));
        ok("restore", file.toString());
        assertThat(tenants()).containsExactly("alice");
        assertThat(tree.resolve("app/noise")).exists();
    }

    @Test
    void aReaderThatGoesAwayLeavesNothingBehind() throws Exception {
        Tenant alice = HOST.tenant("alice");
        byte[] noise = new byte[12 << 20];
        new Random(4).nextBytes(noise);
        alice.upload(new Tar()
                .file("noise", new String(noise, java.nio.charset.StandardCharsets.ISO_8859_1))
                .bytes());
        HttpRequest request = HttpRequest.newBuilder(URI.create(HOST.daemon().api() + "/v1/backup"))
                .header("Authorization", "Bearer " + HOST.operator().token())
                .build();
        try (InputStream in = HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofInputStream())
                .body()) {
            assertThat(in.read()).isNotNegative();
        }
        Awaitility.await()
                .atMost(Host.PATIENCE)
                .untilAsserted(() -> assertThat(stateFiles()).noneMatch(name -> name.startsWith(".backup")));
        Awaitility.await("another can be made")
                .atMost(Host.PATIENCE)
                .until(() ->
                        hostel("backup", directory.resolve("next").toString()).code() == 0);
    }

    @Test
    void whatCannotBeRestoredChangesNothing() throws Exception {
        Tenant alice = HOST.tenant("alice");
        App idle = alice.app("idle");
        idle.deploy(Release.of("work", Program.idle())).live();
        long pid = idle.sandbox().pid();
        Path file = directory.resolve("backup");
        ok("backup", file.toString());
        List<String> before = stateFiles();
        byte[] whole = Files.readAllBytes(file);

        Path wrong = directory.resolve("wrong");
        Files.write(wrong, java.util.Arrays.copyOf(whole, whole.length - 100));
        refused(wrong);
        byte[] changed = whole.clone();
        changed[whole.length / 2] ^= 1;
        Files.write(wrong, changed);
        refused(wrong);
        Files.write(wrong, new byte[100 << 20]);
        refused(wrong);
        Files.write(wrong, new Tar().file("site/index.html", "hello").gzipped());
        refused(wrong);
        assertThat(HOST.operator()
                        .upload("/v1/restore", "application/gzip", Files.readAllBytes(wrong))
                        .isProblem(422)
                        .path("detail")
                        .asText())
                .contains("no backup of a Hostel host");
        assertThat(alice.api().get("/v1/backup").status()).isEqualTo(403);
        assertThat(alice.api().upload("/v1/restore", "application/zstd", whole).status())
                .isEqualTo(403);

        assertThat(stateFiles()).isEqualTo(before);
        assertThat(idle.sandbox().pid()).isEqualTo(pid);
    }

    private static void refused(Path file) {
        Shell.Outcome outcome = hostel("restore", file.toString());
        assertThat(outcome.code()).as(outcome.output()).isEqualTo(1);
        assertThat(outcome.output())
                .contains("cannot be restored, and nothing was changed")
                .doesNotContain("\tat ");
    }

    private static int replaced() throws IOException {
        return (int) stateFiles().stream()
                .filter(name -> name.startsWith("replaced-"))
                .count();
    }

    /** Killed when the backup is staged and before it is taken over; and in the midst of that. */
    @Test
    void aRestoreThatIsInterruptedEndsWhollyOrNotAtAll() throws Exception {
        Tenant alice = HOST.tenant("alice");
        App shop = deploySite(alice, "shop", "as it was");
        Path file = directory.resolve("backup");
        ok("backup", file.toString());
        byte[] backup = Files.readAllBytes(file);
        HOST.tenant("bob");

        HOST.operator().upload("/v1/restore", "application/zstd", backup).is(202);
        assertThat(HOST.anonymous().get("/readyz").isProblem(503).path("detail").asText())
                .contains("start anew");
        HOST.daemon().kill();
        assertThat(stateFiles()).anyMatch(name -> name.startsWith("restore-"));
        HOST.startAgain();
        assertThat(tenants()).containsExactly("alice");

        HOST.tenant("bob");
        int replaced = replaced();
        HOST.operator().upload("/v1/restore", "application/zstd", backup).is(202);
        Awaitility.await("it is being taken over")
                .atMost(Host.PATIENCE)
                .pollInterval(java.time.Duration.ofMillis(2))
                .until(() -> replaced() > replaced);
        HOST.daemon().kill();
        HOST.startAgain();
        assertThat(tenants()).containsExactly("alice");
        shop.running(1);
        assertThat(served(shop)).isEqualTo("as it was");

        // Killed while it is read: nothing is staged yet.
        HOST.tenant("bob");
        HOST.daemon().kill();
        Files.createDirectories(HOST.stateDir().resolve(".restore-halfdone00/artifacts"));
        HOST.startAgain();
        assertThat(tenants()).containsExactly("alice", "bob");
        assertThat(stateFiles()).noneMatch(name -> name.startsWith(".restore"));
        healthy();
    }
}
