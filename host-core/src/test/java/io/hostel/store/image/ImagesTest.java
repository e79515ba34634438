package io.hostel.store.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.config.Cidr;
import io.hostel.store.Image;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
    private static final List<Inet4Address> DNS = List.of(Cidr.parseAddress("9.9.9.9"), Cidr.parseAddress("1.1.1.1"));

    @TempDir
    Path dir;

    private Path machine;
    private Path state;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = Files.createDirectories(dir.resolve("machine"));
        state = dir.resolve("state");
        Files.createDirectories(machine.resolve("usr/bin"));
        Files.createSymbolicLink(machine.resolve("bin"), Path.of("usr/bin"));
        Files.createDirectories(machine.resolve("lib64"));
        etc("passwd", """
                root:x:0:0:Jane Root,room 7:/root:/bin/bash
                www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
                jane:x:1000:1000:Jane Doe,,,:/home/jane:/bin/bash
                nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
                broken line
                """);
        etc("group", "root:x:0:\nadm:x:4:syslog,jane\njane:x:1000:\nnogroup:x:65534:\n");
        etc("shadow", "root:$6$secret:19000:0:99999:7:::\n");
        etc("resolv.conf", "nameserver 127.0.0.53\nsearch corp.example\n");
        etc("hosts", "10.0.0.5 database.corp.example\n");
        etc("ssl/certs/ca-certificates.crt", "PEM");
        etc("ssl/private/server.key", "secret");
        etc("ssl/certs/leaked.key", "secret");
        etc("os-release", "ID=debian\n");
        etc("java-17-openjdk/security/java.security", "x=y\n");
        etc("java-17-openjdk/management/jmxremote.password", "secret\n");
        etc("mime.types", "text/html html\n");
        Files.setPosixFilePermissions(etc("services", "secret\n"), PosixFilePermissions.fromString("rw-r-----"));
        Files.setPosixFilePermissions(
                etc("perl/closed/file", "secret\n").getParent(), PosixFilePermissions.fromString("rwx--x--x"));
        link("localtime", "/usr/share/zoneinfo/Etc/UTC");
        link("alternatives/java", "/usr/lib/jvm/bin/java");
        link("alternatives/relative", "../../usr/bin/x");
        link("alternatives/outside", "/opt/secret/tool");
        link("alternatives/climbing", "../../root/.ssh/id");
    }

    private Path etc(String name, String content) throws IOException {
        Path file = machine.resolve("etc").resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }

    private void link(String name, String target) throws IOException {
        Path link = machine.resolve("etc").resolve(name);
        Files.createDirectories(link.getParent());
        Files.createSymbolicLink(link, Path.of(target));
    }

    private Image open(String boot) throws IOException {
        return Images.open(state, DNS, machine, boot).find("host").orElseThrow();
    }

    private List<String> versions() throws IOException {
        try (Stream<Path> names = Files.list(state.resolve("images/host"))) {
            return names.filter(Files::isDirectory)
                    .map(name -> name.getFileName().toString())
                    .toList();
        }
    }

    @Test
    void itHoldsWhatProgramsNeed() throws IOException {
        Path root = open("boot").layer();

        assertThat(root.resolve("etc/resolv.conf")).hasContent("nameserver 9.9.9.9\nnameserver 1.1.1.1");
        assertThat(root.resolve("etc/hosts")).hasContent("127.0.0.1\tlocalhost");
        assertThat(root.resolve("etc/ssl/certs/ca-certificates.crt")).hasContent("PEM");
        assertThat(root.resolve("etc/os-release")).hasContent("ID=debian");
        assertThat(root.resolve("etc/mime.types")).exists();
        assertThat(root.resolve("etc/java-17-openjdk/security/java.security")).exists();
        assertThat(Files.readSymbolicLink(root.resolve("etc/localtime")))
                .isEqualTo(Path.of("/usr/share/zoneinfo/Etc/UTC"));
        assertThat(Files.readSymbolicLink(root.resolve("etc/alternatives/java")))
                .isEqualTo(Path.of("/usr/lib/jvm/bin/java"));
        assertThat(Files.readSymbolicLink(root.resolve("etc/alternatives/relative")))
                .isEqualTo(Path.of("../../usr/bin/x"));
        assertThat(Files.readSymbolicLink(root.resolve("bin"))).isEqualTo(Path.of("usr/bin"));
        assertThat(Files.readSymbolicLink(root.resolve("var/run"))).isEqualTo(Path.of("/run"));
        for (String mountPoint :
                List.of("app", "dev", "proc", "sys", "run", "usr", "home", "root", "var/lib", "var/log")) {
            assertThat(root.resolve(mountPoint)).isDirectory();
        }
        for (String open : List.of("tmp", "var/tmp")) {
            assertThat((int) Files.getAttribute(root.resolve(open), "unix:mode") & 07777)
                    .isEqualTo(01777);
        }
    }

    @Test
    void itHoldsNothingThatNotEveryoneMayReadAndNoPeople() throws IOException {
        Path root = open("boot").layer();

        assertThat(root.resolve("etc/passwd")).hasContent("""
                        root:x:0:0::/root:/bin/sh
                        www-data:x:33:33::/var/www:/usr/sbin/nologin
                        nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin""");
        assertThat(root.resolve("etc/group")).hasContent("root:x:0:\nadm:x:4:\nnogroup:x:65534:");
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.filter(each -> Files.isRegularFile(each, LinkOption.NOFOLLOW_LINKS))
                    .toList()) {
                assertThat(path).content().doesNotContain("secret", "corp.example", "jane", "Jane");
            }
        }
        assertThat(Files.exists(root.resolve("etc/alternatives/outside"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
        assertThat(Files.exists(root.resolve("etc/alternatives/climbing"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
        assertThat(root.resolve("etc/shadow")).doesNotExist();
        assertThat(root.resolve("etc/perl/closed")).doesNotExist();
    }

    @Test
    void whatIsNoLinkIntoUsrIsShownAsItIs() throws IOException {
        Image image = open("boot");

        assertThat(image.binds()).containsExactly(Path.of("/usr"), Path.of("/lib64"));
        assertThat(image.layer().resolve("lib64")).isEmptyDirectory();
    }

    @Test
    void itStaysAsLongAsTheMachineDoes() throws IOException {
        Image first = open("boot");
        Object made = Files.getAttribute(first.layer(), "unix:ino");

        assertThat(open("boot")).isEqualTo(first);
        assertThat(Files.getAttribute(first.layer(), "unix:ino")).isEqualTo(made);
    }

    @Test
    void aChangeOfTheMachineMakesANewOneAndTheOldStaysForThisBoot() throws IOException {
        Image first = open("boot");
        etc("ssl/certs/ca-certificates.crt", "another PEM");

        Image second = open("boot");

        assertThat(second.layer()).isNotEqualTo(first.layer());
        assertThat(first.layer().resolve("etc/ssl/certs/ca-certificates.crt")).hasContent("PEM");
        assertThat(second.layer().resolve("etc/ssl/certs/ca-certificates.crt")).hasContent("another PEM");
        assertThat(versions()).hasSize(2);

        open("next boot");

        assertThat(versions()).containsExactly(second.layer().getFileName().toString());
    }

    @Test
    void anIncompleteOneIsBuiltAgain() throws IOException {
        Path root = open("boot").layer();
        Files.delete(root.resolve("etc/passwd"));
        Files.createDirectory(state.resolve("images/host/.build-abc"));
        assertThat(open("boot").layer().resolve("etc/passwd")).exists();

        Files.writeString(root.resolve("etc/resolv.conf"), "nameserver 6.6.6.6\n");
        assertThat(open("boot").layer().resolve("etc/resolv.conf")).content().doesNotContain("6.6.6.6");

        for (String path : List.of("tmp", "etc", "etc/resolv.conf")) {
            Files.setPosixFilePermissions(root.resolve(path), PosixFilePermissions.fromString("rwxr-x---"));
            assertThat(Files.getPosixFilePermissions(open("boot").layer().resolve(path)))
                    .as(path)
                    .contains(PosixFilePermission.OTHERS_READ);
        }
        assertThat(versions()).hasSize(1);
    }

    @Test
    void thereIsNoOtherImage() throws IOException {
        assertThat(Images.open(state, DNS, machine, "boot").find("debian")).isEmpty();
        assertThat(Images.open(state, DNS, machine, "boot").find("../host")).isEmpty();
    }

    @Test
    void thisMachineGivesOneToo() throws IOException {
        Path root = Images.open(state, DNS).find("host").orElseThrow().layer();

        assertThat(root.resolve("etc/passwd")).content().startsWith("root:x:0:0:");
        assertThat(root.resolve("etc/ld.so.cache")).exists();
        assertThat(Files.exists(root.resolve("bin"), LinkOption.NOFOLLOW_LINKS)).isTrue();
    }
}
