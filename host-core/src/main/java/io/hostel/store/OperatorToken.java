package io.hostel.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** The operator's token in STATE-DIR/operator.token, made at the first start. */
public final class OperatorToken {
    private static final int SHORTEST = 32;

    private OperatorToken() {}

    /**
     * Reads the secret, after making it where there is none: complete under a name of its own first, so that no start ever finds
     * half a token.
     *
     * @throws StoreException where the file is readable by everyone, holds no token, or can't be made
     */
    public static String readOrCreate(Path stateDir) {
        Path file = stateDir.resolve("operator.token");
        try {
            Files.createDirectories(stateDir);
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                create(stateDir, file);
            }
            return read(file);
        } catch (IOException e) {
            throw new StoreFault(file).of("make", e);
        }
    }

    private static String read(Path file) throws IOException {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
        if (permissions.contains(PosixFilePermission.OTHERS_READ)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new StoreException(
                    file + " is open to every user (" + PosixFilePermissions.toString(permissions)
                            + "): the token in it is no secret any more; delete the file, and a new one is made",
                    null);
        }
        String secret = Files.readString(file).strip();
        if (secret.length() < SHORTEST || secret.chars().anyMatch(Character::isWhitespace)) {
            throw new StoreException(
                    file + " does not hold a token of at least " + SHORTEST
                            + " characters; delete the file, and a new one is made",
                    null);
        }
        return secret;
    }

    private static void create(Path stateDir, Path file) throws IOException {
        Path unfinished = file.resolveSibling(".operator.token." + Tokens.newId());
        try {
            Files.createFile(
                    unfinished, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            byte[] line = (Tokens.newOperatorSecret() + "\n").getBytes(StandardCharsets.UTF_8);
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(line);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            // link(2) and not rename(2): a token that another start made meanwhile stays.
            Files.createLink(file, unfinished);
            TreeSync.directory(stateDir);
        } catch (FileAlreadyExistsException another) {
            // Theirs is the token.
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }
}
