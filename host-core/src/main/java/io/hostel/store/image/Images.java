package io.hostel.store.image;

import io.hostel.store.Image;
import io.hostel.store.Tokens;
import io.hostel.store.Trees;
import java.io.IOException;
import java.net.Inet4Address;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The images there are, below STATE-DIR/images: {@code host/FINGERPRINT}, a new one when what it is made from has changed. What
 * sandboxes of this boot may still run on stays; an older one goes at the first start after a reboot.
 */
public final class Images {
    private static final String HOST = "host";
    private static final String CURRENT_IN = ".boot";

    private final Image host;

    private Images(Image host) {
        this.host = host;
    }

    /** @param resolvers what resolv.conf inside names */
    public static Images open(Path stateDir, List<Inet4Address> resolvers) throws IOException {
        String boot =
                Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        return open(stateDir, resolvers, Path.of("/"), boot);
    }

    static Images open(Path stateDir, List<Inet4Address> resolvers, Path machine, String boot) throws IOException {
        Path images = stateDir.resolve("images");
        Path versions = images.resolve(HOST);
        Files.createDirectories(versions);
        Files.setPosixFilePermissions(images, PosixFilePermissions.fromString("rwx------"));
        HostImage plan = new HostImage(machine, resolvers);
        Skeleton skeleton = plan.skeleton();
        String fingerprint = skeleton.fingerprint();
        Path current = versions.resolve(fingerprint);
        if (!skeleton.isAt(current)) {
            build(skeleton, versions, current);
        }
        Files.writeString(versions.resolve(fingerprint + CURRENT_IN), boot);
        sweep(versions, boot);
        return new Images(new Image(HOST, current, plan.binds()));
    }

    /** Empty where there is no image of that name. */
    public Optional<Image> find(String name) {
        return name.equals(HOST) ? Optional.of(host) : Optional.empty();
    }

    /** Not synced to the disk: whatever the loss of power makes of it is found at the next start, and built again. */
    private static void build(Skeleton skeleton, Path versions, Path current) throws IOException {
        Path unfinished = versions.resolve(".build-" + Tokens.newId());
        try {
            Files.createDirectory(unfinished);
            Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
            skeleton.writeTo(unfinished);
            Trees.delete(current);
            Files.move(unfinished, current, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Trees.delete(unfinished);
        }
    }

    private static void sweep(Path versions, String boot) throws IOException {
        try (Stream<Path> names = Files.list(versions)) {
            for (Path name : names.toList()) {
                if (Files.isDirectory(name, LinkOption.NOFOLLOW_LINKS) && !wasCurrentIn(boot, name)) {
                    Trees.delete(name);
                    Files.deleteIfExists(marker(name));
                }
            }
        }
    }

    private static boolean wasCurrentIn(String boot, Path version) throws IOException {
        Path marker = marker(version);
        return Files.exists(marker) && Files.readString(marker).equals(boot);
    }

    private static Path marker(Path version) {
        return version.resolveSibling(version.getFileName() + CURRENT_IN);
    }
}
