package io.hostel.store.image;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Plans the root directory of the image {@code host} from what the machine looks like. */
final class HostImage {
    /** Of an unmerged system these are directories, and shown as they are; of a merged one links into /usr. */
    private static final List<String> USR_MERGED = List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libo32");

    private static final List<String> DIRECTORIES = List.of(
            "app",
            "dev",
            "etc",
            "home",
            "mnt",
            "opt",
            "proc",
            "run",
            "run/lock",
            "srv",
            "sys",
            "usr",
            "var",
            "var/cache",
            "var/lib",
            "var/log");

    private final Path machine;
    private final List<Inet4Address> resolvers;

    /** @param machine its root directory, {@code /} in earnest */
    HostImage(Path machine, List<Inet4Address> resolvers) {
        this.machine = machine;
        this.resolvers = resolvers;
    }

    /** What is shown at its own path. */
    List<Path> binds() {
        List<Path> binds = new ArrayList<>(List.of(Path.of("/usr")));
        for (String name : USR_MERGED) {
            if (Files.isDirectory(machine.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                binds.add(Path.of("/" + name));
            }
        }
        return binds;
    }

    Skeleton skeleton() throws IOException {
        Skeleton skeleton = new Skeleton();
        DIRECTORIES.forEach(skeleton::directory);
        skeleton.directory("root", "rwx------", false);
        skeleton.directory("tmp", "rwxrwxrwx", true);
        skeleton.directory("var/tmp", "rwxrwxrwx", true);
        skeleton.link("var/run", "/run");
        skeleton.link("var/lock", "/run/lock");
        for (String name : USR_MERGED) {
            Path path = machine.resolve(name);
            if (Files.isSymbolicLink(path)) {
                skeleton.link(name, Files.readSymbolicLink(path).toString());
            } else if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                skeleton.directory(name);
            }
        }
        new MachineEtc(machine.resolve("etc")).copyInto(skeleton);
        skeleton.file("etc/passwd", SystemUsers.passwd(lines("etc/passwd")));
        skeleton.file("etc/group", SystemUsers.group(lines("etc/group")));
        // The sandbox's own are mounted on these two.
        skeleton.file("etc/hosts", "127.0.0.1\tlocalhost\n");
        skeleton.file("etc/hostname", "localhost\n");
        skeleton.file("etc/host.conf", "multi on\n");
        skeleton.file("etc/nsswitch.conf", """
                passwd:    files
                group:     files
                shadow:    files
                hosts:     files dns
                networks:  files
                protocols: files
                services:  files
                ethers:    files
                rpc:       files
                """);
        skeleton.file(
                "etc/resolv.conf",
                resolvers.stream()
                        .map(resolver -> "nameserver " + resolver.getHostAddress() + "\n")
                        .collect(Collectors.joining()));
        skeleton.link("etc/mtab", "/proc/self/mounts");
        return skeleton;
    }

    private List<String> lines(String path) throws IOException {
        return Files.readAllLines(machine.resolve(path), java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
