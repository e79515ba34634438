package io.hostel.store.image;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.stream.Stream;

/**
 * What of the machine's /etc programs under /usr need: an allow-list of what is the same on every machine, and of that only what
 * every user may read. Links are taken as links, and only where they stay within /usr and /etc.
 */
final class MachineEtc {
    private static final List<String> ALLOWED = List.of(
            "alternatives/*",
            "ssl/openssl.cnf",
            "ssl/certs/**",
            "ca-certificates.conf",
            "ld.so.cache",
            "ld.so.conf",
            "ld.so.conf.d/*.conf",
            "localtime",
            "timezone",
            "locale.alias",
            "mime.types",
            "magic",
            "magic.mime",
            "services",
            "protocols",
            "rpc",
            "ethertypes",
            "gai.conf",
            "os-release",
            "debian_version",
            "lsb-release",
            "shells",
            "inputrc",
            "bash.bashrc",
            "profile",
            "terminfo/**",
            "fonts/**",
            "perl/**",
            "python3*/**",
            "java-*-openjdk/**",
            "php/*/mods-available/*",
            "php/*/cli/conf.d/*",
            "ImageMagick-*/*.xml");

    /** Names that hold secrets wherever they turn up. */
    private static final PathMatcher NEVER =
            FileSystems.getDefault().getPathMatcher("glob:{**/,}{*.key,*password*,private,shadow*,gshadow*}");

    private static final long LARGEST = 4 << 20;
    private static final int DEEPEST = 8;

    private final Path etc;
    private final List<PathMatcher> allowed;
    private final List<PathMatcher> allowedTops;

    MachineEtc(Path etc) {
        this.etc = etc;
        this.allowed = ALLOWED.stream().map(MachineEtc::glob).toList();
        this.allowedTops =
                ALLOWED.stream().map(glob -> glob(glob.split("/", 2)[0])).toList();
    }

    private static PathMatcher glob(String pattern) {
        return FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    }

    void copyInto(Skeleton skeleton) throws IOException {
        List<Path> tops;
        try (Stream<Path> names = Files.list(etc)) {
            tops = names.filter(top -> matches(allowedTops, top.getFileName())).toList();
        }
        for (Path top : tops) {
            Files.walkFileTree(top, java.util.Set.of(), DEEPEST, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                        throws IOException {
                    return isForEveryone(directory, true) ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Path relative = etc.relativize(file);
                    if (matches(allowed, relative) && !NEVER.matches(relative)) {
                        copy(file, relative, attributes, skeleton);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        }
    }

    private void copy(Path file, Path relative, BasicFileAttributes attributes, Skeleton skeleton) throws IOException {
        if (attributes.isSymbolicLink()) {
            Path target = Files.readSymbolicLink(file);
            if (staysInside(relative, target)) {
                skeleton.link("etc/" + relative, target.toString());
            }
        } else if (attributes.isRegularFile() && attributes.size() <= LARGEST && isForEveryone(file, false)) {
            skeleton.file("etc/" + relative, Files.readAllBytes(file), Files.isExecutable(file) && isProgram(file));
        }
    }

    private static boolean isProgram(Path file) throws IOException {
        return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_EXECUTE);
    }

    private static boolean staysInside(Path relative, Path target) {
        Path from = Path.of("/etc").resolve(relative);
        Path parent = from.getParent();
        Path absolute = (parent == null ? target : parent.resolve(target)).normalize();
        return Stream.of("/usr", "/etc", "/lib", "/lib64", "/bin", "/sbin").anyMatch(absolute::startsWith);
    }

    private static boolean isForEveryone(Path path, boolean directory) throws IOException {
        var permissions = Files.readAttributes(path, PosixFileAttributes.class, java.nio.file.LinkOption.NOFOLLOW_LINKS)
                .permissions();
        return permissions.contains(PosixFilePermission.OTHERS_READ)
                && (!directory || permissions.contains(PosixFilePermission.OTHERS_EXECUTE));
    }

    private static boolean matches(List<PathMatcher> matchers, Path path) {
        return matchers.stream().anyMatch(matcher -> matcher.matches(path));
    }
}
