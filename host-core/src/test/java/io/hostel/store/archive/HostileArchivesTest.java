package io.hostel.store.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HostileArchivesTest {
    private static final long QUOTA = 1 << 20;

    @TempDir
    Path dir;

    private Path root;
    private Path outside;

    @BeforeEach
    void make() throws IOException {
        outside = Files.createDirectory(dir.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "kept");
        root = Files.createDirectory(dir.resolve("app"));
    }

    private void unpack(byte[] archive) throws IOException {
        Unpacker.unpack(ArtifactFormat.TAR, new ByteArrayInputStream(archive), root, Unpacker.Bounds.of(QUOTA));
    }

    @Test
    void theBodyOfARefusedArchiveStaysOpenForWhoeverMustReadItsRest() throws IOException {
        byte[] sent = new Tar().file("/etc/cron.d/x", "x").file("rest", "r").bytes();
        boolean[] closed = {false};
        InputStream body = new ByteArrayInputStream(sent) {
            @Override
            public void close() {
                closed[0] = true;
            }
        };
        assertThatThrownBy(() -> Unpacker.unpack(ArtifactFormat.TAR, body, root, Unpacker.Bounds.of(QUOTA)))
                .isInstanceOf(RefusedException.class);
        body.reset();
        new PackedFiles(ArtifactFormat.TAR, body).close();
        assertThat(closed[0]).isFalse();
    }

    static Stream<Arguments> badArchives() {
        return Stream.of(
                arguments("an absolute name", new Tar().file("/etc/cron.d/x", "x"), "/etc/cron.d/x"),
                arguments(
                        "an absolute name in an extended header",
                        new Tar().pax(Map.of("path", "/etc/cron.d/x")).file("x", "x"),
                        "/etc/cron.d/x"),
                arguments(
                        "a sparse file that climbs out by its other name",
                        new Tar()
                                .pax(Map.of(
                                        "GNU.sparse.major", "1", "GNU.sparse.minor", "0", "GNU.sparse.name", "../x"))
                                .file("x", "0\n"),
                        "../x"),
                arguments(
                        "a link with content", new Tar().header(new byte[] {'l'}, 0777, '2', "x", 5, new byte[5]), "l"),
                arguments(
                        "a global header that renames",
                        new Tar()
                                .header(new byte[] {'g'}, 0, 'g', "", 9, "9 path=x\n".getBytes(StandardCharsets.UTF_8)),
                        "global header"),
                arguments("a sparse file in an old form", new Tar().typed('S', "s", ""), "--format=posix"),
                arguments("a name that climbs out", new Tar().file("../outside/x", "x"), "../outside/x"),
                arguments("a name that climbs out late", new Tar().file("a/b/../../../x", "x"), "a/b/../../../x"),
                arguments("a name that ends in dots", new Tar().file("a/..", "x"), "a/.."),
                arguments("a directory that climbs out", new Tar().directory("../outside/", 0777), "../outside/"),
                arguments("a link that climbs out by its name", new Tar().link("../l", "x"), "../l"),
                arguments(
                        "a file through a link that leaves",
                        new Tar().link("l", "../outside").file("l/secret", "x"),
                        "l/secret"),
                arguments(
                        "a file through a link to the root",
                        new Tar().link("l", "/").file("l/etc/passwd", "x"),
                        "l/etc/passwd"),
                arguments(
                        "a file through a link that stays",
                        new Tar().directory("d", 0755).link("l", "d").file("l/x", "x"),
                        "l/x"),
                arguments(
                        "a file through a chain of links",
                        new Tar().link("a", "..").link("b", "a/outside").file("b/secret", "x"),
                        "b/secret"),
                arguments(
                        "a directory through a link",
                        new Tar().link("l", "../outside").directory("l/d", 0777),
                        "l/d"),
                arguments(
                        "a directory over a link, then a file",
                        new Tar().link("l", "../outside").directory("l/", 0777).file("l/secret", "x"),
                        "l"),
                arguments(
                        "a link through a link",
                        new Tar().link("l", "../outside").link("l/m", "/etc"),
                        "l/m"),
                arguments(
                        "a hard link through a link",
                        new Tar().file("f", "x").link("l", "../outside").hardLink("l/g", "f"),
                        "l/g"),
                arguments(
                        "a directory replaced by a link",
                        new Tar()
                                .directory("d", 0755)
                                .file("d/x", "x")
                                .link("d", "../outside")
                                .file("d/secret", "x"),
                        "d"),
                arguments(
                        "an empty directory replaced",
                        new Tar().directory("d", 0755).link("d", "/etc"),
                        "d"),
                arguments("a file below a file", new Tar().file("f", "x").file("f/g", "x"), "f/g"),
                arguments("a hard link to outside", new Tar().hardLink("h", "../outside/secret"), "../outside/secret"),
                arguments("a hard link to an absolute path", new Tar().hardLink("h", "/etc/passwd"), "/etc/passwd"),
                arguments(
                        "a hard link to outside through a link",
                        new Tar().link("l", "../outside").hardLink("h", "l/secret"),
                        "h"),
                arguments(
                        "a hard link to a link, written through",
                        new Tar()
                                .link("l", "../outside/secret")
                                .hardLink("h", "l")
                                .file("h", "x"),
                        "h"),
                arguments(
                        "a hard link to a directory",
                        new Tar().directory("d", 0755).hardLink("h", "d"),
                        "h"),
                arguments(
                        "a hard link to what comes later",
                        new Tar().hardLink("h", "f").file("f", "x"),
                        "h"),
                arguments("a hard link to itself", new Tar().file("f", "x").hardLink("f", "f"), "f"),
                arguments("a hard link to the root", new Tar().hardLink("h", "."), "h"),
                arguments("a file in the root's place", new Tar().file("./.", "x"), "."),
                arguments("a link in the root's place", new Tar().link("./", "/etc"), "."),
                arguments("a character device", new Tar().typed('3', "null", ""), "null"),
                arguments("a block device", new Tar().typed('4', "sda", ""), "sda"),
                arguments("a fifo", new Tar().typed('6', "pipe", ""), "pipe"),
                arguments("a type of nobody's", new Tar().typed('Z', "what", ""), "what"),
                arguments("a set-user-id file", new Tar().file("su", 04755, new byte[1]), "su"),
                arguments("a set-group-id file", new Tar().file("sg", 02755, new byte[1]), "sg"),
                arguments(
                        "a name that is not UTF-8",
                        new Tar().header(new byte[] {'a', (byte) 0xff, 'b'}, 0644, '0', "", 0, new byte[0]),
                        "not UTF-8"),
                arguments(
                        "a long name that climbs out",
                        new Tar()
                                .pax(Map.of("path", "x/".repeat(80) + "../".repeat(81) + "y"))
                                .file("short", "x"),
                        "leaves the root"),
                arguments(
                        "a zero byte in a long name",
                        new Tar().pax(Map.of("path", "a\0b")).file("short", "x"),
                        "zero byte"),
                arguments("a link to nothing", new Tar().link("l", ""), "l"),
                arguments(
                        "a lie about the size",
                        new Tar()
                                .header(
                                        "f".getBytes(StandardCharsets.UTF_8),
                                        0644,
                                        '0',
                                        "",
                                        9_000_000_000L,
                                        new byte[9]),
                        "archive"),
                arguments("noise", new Tar().raw(noise(5_000)), "archive"),
                arguments("text", new Tar().raw("hello".repeat(500).getBytes(StandardCharsets.UTF_8)), "archive"));
    }

    private static byte[] noise(int size) {
        byte[] noise = new byte[size];
        new Random(3).nextBytes(noise);
        return noise;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badArchives")
    void isRefusedAndTheEntryNamed(String what, Tar archive, String named) throws IOException {
        assertThatThrownBy(() -> unpack(archive.bytes()))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.refusal())
                                .isInstanceOf(Refusal.BadArchive.class)
                                .extracting(Refusal::detail)
                                .asString()
                                .contains(named));
        assertNothingOutside();
    }

    private void assertNothingOutside() throws IOException {
        assertThat(Files.readString(outside.resolve("secret"))).isEqualTo("kept");
        try (Stream<Path> names = Files.list(outside)) {
            assertThat(names).hasSize(1);
        }
        try (Stream<Path> names = Files.list(dir)) {
            assertThat(names).hasSize(2);
        }
    }

    static Stream<Arguments> tooLarge() {
        byte[] zeros = new byte[300_000];
        Tar many = new Tar();
        for (int i = 0; i < 2_000; i++) {
            many.file("f" + i, "");
        }
        Tar headers = new Tar();
        headers.header("x".getBytes(StandardCharsets.UTF_8), 0644, 'x', "", 2_000_000, new byte[2_000_000]);
        Tar longName = new Tar()
                .header("././@LongLink".getBytes(StandardCharsets.UTF_8), 0644, 'L', "", 2_000_000, filled(2_000_000));
        return Stream.of(
                arguments(
                        "files",
                        new Tar()
                                .file("a", 0644, zeros)
                                .file("b", 0644, zeros)
                                .file("c", 0644, zeros)
                                .file("d", 0644, zeros)),
                arguments(
                        "one file again and again",
                        new Tar()
                                .file("a", 0644, zeros)
                                .file("a", 0644, zeros)
                                .file("a", 0644, zeros)
                                .file("a", 0644, zeros)),
                arguments("empty files beyond number", many),
                arguments("a hole", sparse(1L << 40)),
                arguments("an extended header", headers),
                arguments("a long name", longName),
                arguments(
                        "depth",
                        new Tar()
                                .file("a/".repeat(49) + "b", "x")
                                .pax(Map.of("path", "a/".repeat(101) + "b"))
                                .file("x", "x")),
                arguments(
                        "a part of a name",
                        new Tar().pax(Map.of("path", "n".repeat(256))).file("x", "x")),
                arguments(
                        "a name",
                        new Tar()
                                .pax(Map.of("path", ("n".repeat(200) + "/").repeat(11)))
                                .file("x", "x")));
    }

    private static byte[] filled(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 'n');
        return bytes;
    }

    /** A file that is one hole, as GNU tar's PAX form 1.0 has it. */
    private static Tar sparse(long realSize) {
        byte[] map = Arrays.copyOf("0\n".getBytes(StandardCharsets.UTF_8), 512);
        return new Tar()
                .pax(Map.of(
                        "GNU.sparse.major", "1",
                        "GNU.sparse.minor", "0",
                        "GNU.sparse.name", "hole",
                        "GNU.sparse.realsize", String.valueOf(realSize)))
                .file("GNUSparseFile.0/hole", 0644, map);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tooLarge")
    void whatTakesTooMuchIsRefused(String what, Tar archive) throws IOException {
        assertThatThrownBy(() -> unpack(archive.bytes()))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.TooLarge.class));
        assertNothingOutside();
    }

    @ParameterizedTest
    @MethodSource("compressed")
    void aBombIsCutAtTheQuota(ArtifactFormat format) throws IOException {
        byte[] bomb = new Tar().file("zeros", 0644, new byte[64 << 20]).bytes(format);
        assertThat(bomb.length).isLessThan(200_000);

        assertThatThrownBy(() -> Unpacker.unpack(format, new ByteArrayInputStream(bomb), root, Unpacker.Bounds.of(QUOTA)))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.TooLarge.class));

        assertThat(Files.size(root.resolve("zeros"))).isLessThanOrEqualTo(QUOTA);
    }

    static List<ArtifactFormat> compressed() {
        return List.of(ArtifactFormat.GZIP, ArtifactFormat.ZSTD);
    }

    @ParameterizedTest
    @MethodSource("compressed")
    void anArchiveCutAnywhereIsRefused(ArtifactFormat format) throws IOException {
        byte[] whole = new Tar()
                .file("a", 0644, noise(3_000))
                .file("b", 0644, noise(3_000))
                .bytes(format);
        for (int length = 0; length < whole.length; length += 97) {
            Path here = Files.createDirectory(dir.resolve("cut-" + length));
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> Unpacker.unpack(format, new ByteArrayInputStream(cut), here, Unpacker.Bounds.of(QUOTA)))
                    .as("cut at " + length)
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.BadArchive.class));
        }
    }

    @Test
    void aTarWithoutItsEndMarkIsRefused() {
        byte[] open = new Tar().file("a", "content").file("b", "content").open();
        assertThatThrownBy(() -> unpack(open)).hasMessageContaining("cut off");
        assertThatThrownBy(() -> unpack(new byte[0])).hasMessageContaining("cut off");
    }

    @Test
    void aBodyThatBreaksOffIsNoBadArchive() {
        byte[] whole = new Tar().file("a", 0644, noise(100_000)).bytes(ArtifactFormat.GZIP);
        for (int at : new int[] {0, 5, 512, 50_000, whole.length - 1, whole.length}) {
            InputStream breaking = new BreakingStream(whole, at);
            Path here = dir.resolve("at-" + at);
            assertThatThrownBy(() -> Unpacker.unpack(ArtifactFormat.GZIP, breaking, Files.createDirectory(here), Unpacker.Bounds.of(QUOTA)))
                    .as("breaks at " + at)
                    .isInstanceOf(BodyBrokenException.class)
                    .hasMessageContaining("connection reset");
        }
    }

    @Test
    void theWrongFormatIsRefused() {
        byte[] tar = new Tar().file("a", "x").bytes();
        for (ArtifactFormat format : compressed()) {
            assertThatThrownBy(() -> Unpacker.unpack(format, new ByteArrayInputStream(tar), root, Unpacker.Bounds.of(QUOTA)))
                    .hasMessageContaining("no intact " + format.mediaType());
        }
    }

    @Test
    void aZstdWindowBeyondOurMemoryIsRefused() {
        // RFC 8878: magic, frame header without any option, window of 2^30 bytes, one raw last block.
        byte[] head = {
            0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (30 - 10 << 3), 1 | 4 << 3, 0, 0, 'e', 'v', 'i', 'l'
        };

        assertThatThrownBy(() -> Unpacker.unpack(ArtifactFormat.ZSTD, new ByteArrayInputStream(head), root, Unpacker.Bounds.of(QUOTA)))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("too much memory");
    }

    @Test
    void damagedAnywhereItEitherUnpacksInsideOrIsRefused() throws IOException {
        byte[] whole = new Tar()
                .directory("d", 0755)
                .file("d/f", "content")
                .link("d/l", "../../outside")
                .hardLink("h", "d/f")
                .pax(Map.of("path", "d/long"))
                .file("x", "y")
                .bytes();
        Random random = new Random(11);
        for (int round = 0; round < 400; round++) {
            byte[] damaged = whole.clone();
            for (int i = 0; i <= round % 4; i++) {
                damaged[random.nextInt(7 * 512)] = (byte) random.nextInt(256);
            }
            Path here = Files.createDirectory(dir.resolve("round-" + round));
            try {
                Unpacker.unpack(ArtifactFormat.TAR, new ByteArrayInputStream(damaged), here, Unpacker.Bounds.of(QUOTA));
            } catch (RefusedException refused) {
                assertThat(refused.refusal().detail()).isNotEmpty();
            }
        }
        assertThat(Files.readString(outside.resolve("secret"))).isEqualTo("kept");
        assertThat(Files.exists(dir.resolve("f"), LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    /** Fails as a socket does when its peer goes away. */
    private static final class BreakingStream extends InputStream {
        private final byte[] bytes;
        private final int breakAt;
        private int position;

        BreakingStream(byte[] bytes, int breakAt) {
            this.bytes = bytes;
            this.breakAt = breakAt;
        }

        @Override
        public int read() throws IOException {
            if (position >= breakAt) {
                throw new IOException("connection reset");
            }
            return bytes[position++] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            buffer[offset] = (byte) read();
            return 1;
        }
    }
}
