package io.hostel.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Who may do what with a file; inode(7). Of a symbolic link, its target's permissions, and as its owner whoever owns one of the two
 * and is not root.
 *
 * @param owner a uid
 * @param permissions the nine bits, e.g. 0640
 * @param sticky of a directory: entries are taken away by their owners only
 */
record FileAccess(int owner, int permissions, boolean sticky) {
    private static final int STICKY = 01000;

    /** Empty where there is no such file. */
    static Optional<FileAccess> of(Path path) throws IOException {
        try {
            int linkOwner = number(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            int mode = number(path, "unix:mode");
            return Optional.of(new FileAccess(
                    linkOwner != 0 ? linkOwner : number(path, "unix:uid"), mode & 0777, (mode & STICKY) != 0));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static int number(Path path, String attribute, LinkOption... options) throws IOException {
        return (int) Objects.requireNonNull(Files.getAttribute(path, attribute, options));
    }

    boolean isRoots() {
        return owner == 0;
    }

    /** @param permissions the nine bits; others are cleared */
    static void set(Path path, int permissions) throws IOException {
        Files.setAttribute(path, "unix:mode", permissions);
    }
}
