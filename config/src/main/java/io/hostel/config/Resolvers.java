package io.hostel.config;

import java.io.IOException;
import java.net.Inet4Address;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The machine's resolvers that a sandbox could use: IPv4 and not loopback, which in a sandbox is the sandbox itself. */
final class Resolvers {
    /** The second is where systemd-resolved names the servers behind its stub at 127.0.0.53. */
    static final List<Path> MACHINE = List.of(Path.of("/etc/resolv.conf"), Path.of("/run/systemd/resolve/resolv.conf"));

    private static final int MOST = 3; // MAXNS of resolv.h

    private Resolvers() {}

    /** Those of the first file that names any; none where no file does. */
    static List<Inet4Address> of(List<Path> files) {
        return files.stream()
                .map(Resolvers::of)
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse(List.of());
    }

    private static List<Inet4Address> of(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1)
                    .lines()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length >= 2 && words[0].equals("nameserver"))
                    .flatMap(words -> parse(words[1]).stream())
                    .filter(address -> !address.isLoopbackAddress() && !address.isAnyLocalAddress())
                    .distinct()
                    .limit(MOST)
                    .toList();
        } catch (IOException e) {
            return List.of(); // a machine without the file has no resolvers to share
        }
    }

    private static Optional<Inet4Address> parse(String text) {
        try {
            return Optional.of(Cidr.parseAddress(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // IPv6
        }
    }
}
