package io.hostel.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a disk that has room: of a log that does not fit it is sparse files' sizes that count. */
class LogRoomTest {
    private static final long MIB = 1 << 20;
    private static final long MOST = 16 * MIB;

    /** Everything in these tests is older. */
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir
    Path dir;

    private LogRoom room;

    @BeforeEach
    void open() {
        room = new LogRoom(dir, MOST);
        room.allow("acme", 64 * MIB);
        room.allow("umbrella", 64 * MIB);
    }

    /** @param age what is larger is older, in seconds */
    private Path log(String tenant, String sandbox, long bytes, int age) throws IOException {
        Path app = Files.createDirectories(dir.resolve(tenant).resolve("shop"));
        return file(app.resolve(sandbox + ".log"), bytes, age);
    }

    private static Path file(Path file, long bytes, int age) throws IOException {
        try (var opened = new java.io.RandomAccessFile(file.toFile(), "rw")) {
            opened.setLength(bytes);
        }
        Files.setLastModifiedTime(file, FileTime.from(NOW.minusSeconds(1_000 + age)));
        return file;
    }

    private List<String> kept(String tenant) throws IOException {
        try (Stream<Path> files = Files.list(dir.resolve(tenant).resolve("shop"))) {
            return files.map(f -> f.getFileName().toString())
                    .filter(name -> !name.contains(".bound"))
                    .sorted()
                    .toList();
        }
    }

    private static String bound(Path log) throws IOException {
        Path link = log.resolveSibling(log.getFileName() + ".bound");
        return Files.exists(link, LinkOption.NOFOLLOW_LINKS)
                ? Files.readSymbolicLink(link).toString()
                : "none";
    }

    @Test
    void beyondTheQuotaTheOldestEndedOnesGoWhateverTheirAge() throws Exception {
        for (int i = 0; i < 10; i++) {
            log("acme", "s" + i, 10 * MIB, 10 - i);
        }

        room.look(Set.of("s0"), NOW);

        assertThat(kept("acme")).containsExactly("s0.log", "s5.log", "s6.log", "s7.log", "s8.log", "s9.log");
        assertThat(room.taken("acme")).isEqualTo(60 * MIB);
    }

    @Test
    void oneTenantsLogsPushOutNobodyElses() throws Exception {
        log("umbrella", "u1", 60 * MIB, 5_000);
        for (int i = 0; i < 10; i++) {
            log("acme", "s" + i, 10 * MIB, i);
        }

        room.look(Set.of(), NOW);

        assertThat(kept("umbrella")).containsExactly("u1.log");
        assertThat(room.taken("umbrella")).isEqualTo(60 * MIB);
        assertThat(room.taken("acme")).isLessThanOrEqualTo(64 * MIB);
    }

    @Test
    void emptyLogsCountTooSinceTheyTakeInodes() throws Exception {
        room.allow("acme", MIB);
        for (int i = 0; i < 200; i++) {
            log("acme", "s" + i, 0, 200 - i);
        }

        room.look(Set.of(), NOW);

        assertThat(kept("acme")).hasSize((int) (MIB / SandboxFiles.LEAST_PER_FILE)).contains("s199.log");
    }

    @Test
    void runningOnesShareThreeQuartersAndHaveAllWhereTheyAreFew() throws Exception {
        List<Path> logs = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            logs.add(log("acme", "s" + i, MIB, i));
        }

        room.look(ids(12), NOW);
        assertThat(bound(logs.get(0))).isEqualTo(Long.toString(4 * MIB));

        room.look(ids(2), NOW);
        assertThat(bound(logs.get(0))).isEqualTo("none");
    }

    private static Set<String> ids(int count) {
        return IntStream.range(0, count).mapToObj(i -> "s" + i).collect(Collectors.toSet());
    }

    @Test
    void eachKeepsTheLeastHoweverManyThereAre() throws Exception {
        room.allow("acme", 100);
        Path log = log("acme", "s0", 0, 0);

        room.look(Set.of("s0"), NOW);

        assertThat(bound(log)).isEqualTo(Long.toString(LogRoom.LEAST));
        assertThat(log).exists();
    }

    @Test
    void oneThatBeginsToWriteHasItsPartAtOnce() throws Exception {
        for (int i = 0; i < 12; i++) {
            log("acme", "s" + i, MIB, i);
        }
        room.look(ids(12), NOW);
        Path fresh = log("acme", "fresh", 0, 0);

        room.opened("acme", fresh);

        assertThat(bound(fresh)).isEqualTo(Long.toString(48 * MIB / 13));
    }

    @Test
    void oneMadeSinceTheLivingWereCountedIsNoneThatEnded() throws Exception {
        room.allow("acme", 0);
        Path log = log("acme", "fresh", MIB, 0);
        file(log.resolveSibling("fresh.process"), 3, -2_000);

        room.look(Set.of(), NOW);

        assertThat(kept("acme")).containsExactly("fresh.log", "fresh.process");
    }

    /** Directories stand where files should be deleted or replaced. */
    @Test
    void whatCannotBeDoneWithOneLeavesTheOthersTheirs() throws Exception {
        for (String tenant : List.of("acme", "umbrella")) {
            room.allow(tenant, 4 * MIB);
            Path first = log(tenant, "s0", MIB, 0);
            Files.createDirectories(first.resolveSibling("s0.log.bound/full"));
            Files.createDirectories(first.resolveSibling("ended1.log/full"));
            Files.setLastModifiedTime(first.resolveSibling("ended1.log"), FileTime.from(NOW.minusSeconds(9_000)));
            log(tenant, "s1", MIB, 0);
            log(tenant, "ended2", 4 * MIB, 5);
        }

        room.look(Set.of("s0", "s1"), NOW);

        for (String tenant : List.of("acme", "umbrella")) {
            assertThat(kept(tenant)).containsExactly("ended1.log", "s0.log", "s1.log");
            assertThat(bound(dir.resolve(tenant).resolve("shop/s1.log"))).isEqualTo(Long.toString(3 * MIB / 2));
        }
    }

    @Test
    void whatEachMayHaveOfTheDiskChangesInLargeStepsOnly() {
        assertThat(LogRoom.step(Long.MAX_VALUE, 5 * MIB)).isEqualTo(4 * MIB);
        assertThat(LogRoom.step(4 * MIB, 4 * MIB)).isEqualTo(4 * MIB);
        assertThat(LogRoom.step(4 * MIB, 11 * MIB)).isEqualTo(4 * MIB);
        assertThat(LogRoom.step(4 * MIB, 12 * MIB)).isEqualTo(8 * MIB);
        assertThat(LogRoom.step(8 * MIB, 8 * MIB - 1)).isEqualTo(4 * MIB);
        assertThat(LogRoom.step(4 * MIB, 0)).isZero();
        assertThat(LogRoom.step(0, 1)).isOne();
    }

    /** An earlier daemon's monitors know no bound. */
    @Test
    void whatARunningOneHasRotatedAwayGoesWhereItHasMoreThanItsPart() throws Exception {
        room.allow("acme", 20 * MIB);
        for (int i = 0; i < 4; i++) {
            Path log = log("acme", "s" + i, (i + 1) * MIB, 0);
            file(LogTail.older(log), 5 * MIB, 0);
        }

        room.look(ids(4), NOW);

        assertThat(kept("acme")).containsExactly("s0.log", "s0.log.1", "s1.log", "s1.log.1", "s2.log", "s3.log");
        assertThat(room.taken("acme")).isEqualTo(20 * MIB);
    }
}
