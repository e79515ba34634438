package io.hostel.kernel.linux;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.kernel.Launcher.Launched;
import io.hostel.kernel.Launcher.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More than a log may take waits in the command's pipe; what its disk can't take is dropped and counted. */
class MonitorLogIT {
    private static final long ROOM = 256 << 20;
    private static final int RATE = 256 << 10;
    private static final Pattern RECORD =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z (stdout|stderr|host) ([FP]) (.*)");
    private static final Pattern DROPPED = Pattern.compile("dropped (\\d+) lines, (\\d+) bytes: (.*)");

    private SandboxLab lab;

    @BeforeEach
    void open() throws Exception {
        lab = new SandboxLab();
    }

    @AfterEach
    void close() throws Exception {
        lab.close();
    }

    /**
     * @param kept whole lines of the command, in order, those of several parts put together
     * @param reasons why others are not there, once for each time it is said
     */
    private record Log(List<String> kept, long droppedLines, long droppedBytes, List<String> reasons) {
        /** Fails where anything in the file is no record. */
        static Log read(Path file) throws IOException {
            List<String> kept = new ArrayList<>();
            List<String> reasons = new ArrayList<>();
            StringBuilder begun = new StringBuilder();
            long lines = 0;
            long bytes = 0;
            for (String line : Files.readAllLines(file, UTF_8)) {
                Matcher record = RECORD.matcher(line);
                assertThat(record.matches()).as(line).isTrue();
                if (record.group(1).equals("host")) {
                    Matcher dropped = DROPPED.matcher(record.group(3));
                    assertThat(dropped.matches()).as(line).isTrue();
                    lines += Long.parseLong(dropped.group(1));
                    bytes += Long.parseLong(dropped.group(2));
                    reasons.add(dropped.group(3));
                    continue;
                }
                begun.append(record.group(3));
                if (record.group(2).equals("F")) {
                    kept.add(begun.toString());
                    begun.setLength(0);
                }
            }
            assertThat(begun).isEmpty();
            return new Log(kept, lines, bytes, reasons);
        }

        /** What was written is the numbers from 1, a line each. */
        void accountsForNumbersTo(int last) {
            long written = 0;
            for (int i = 1; i <= last; i++) written += String.valueOf(i).length() + 1;
            assertThat(kept.size() + droppedLines).isEqualTo(last);
            assertThat(kept.stream().mapToLong(line -> line.length() + 1).sum() + droppedBytes)
                    .isEqualTo(written);
            assertThat(kept).allMatch(line -> line.matches("[1-9][0-9]*"));
            assertThat(kept.stream().map(Integer::valueOf)).isSorted().doesNotHaveDuplicates();
        }
    }

    private Plan limited(String script) throws IOException {
        return SandboxLab.logging(ROOM, RATE, lab.plan("sh", "-c", script));
    }

    private Plan unlimited(String script) throws IOException {
        return SandboxLab.logging(ROOM, 0, lab.plan("sh", "-c", script));
    }

    private boolean says(String words) throws IOException {
        return Files.exists(lab.log) && Files.readString(lab.log).contains(words);
    }

    /** What a log of this rate takes at once: four seconds' worth, what is read at once, and what lies in a pipe meanwhile. */
    private static final long AT_ONCE = 4L * RATE + 8192 * 43;

    @Test
    void whatComesFasterThanTheRateHoldsTheCommandBackAndNothingIsLost() throws Exception {
        long began = System.nanoTime();
        lab.launch(limited("seq 1 40000"));
        lab.exit();
        double seconds = (System.nanoTime() - began) / 1e9;

        Log log = Log.read(lab.log);
        log.accountsForNumbersTo(40_000);
        assertThat(log.droppedLines()).isZero();
        // It has written more than that within the time, but for the last of the pipe, which is read when it has ended.
        assertThat((double) Files.size(lab.log)).isLessThan(AT_ONCE + RATE * seconds + (64 << 10) * 9);
    }

    /** The work is the reading: each newline becomes a line of 43 bytes, so what is read is a small part of what is written. */
    @Test
    void ofACommandThatWritesNewlinesWithoutEndNoMoreIsReadThanTheLogMayTake() throws Exception {
        Launched launched = lab.launch(SandboxLab.logging(ROOM, 2 << 20, lab.plan("sh", "-c", "exec yes ''")));
        Patience.await().until(() -> Files.exists(lab.log) && Files.size(lab.log) > 8L * (2 << 20));

        long read = counted(launched, "rchar");
        long written = counted(launched, "wchar");
        assertThat(read).isLessThan(written / 40 + (128 << 10));
        assertThat(counted(launched, "syscw")).isLessThan(written / (12 << 10));
    }

    @Test
    void littleAtATimeIsLeftToGather() throws Exception {
        long begun = System.nanoTime();
        Launched launched = lab.launch(unlimited("i=0; while test $i -lt 5000; do i=$((i+1)); echo $i; done;"
                + " touch /app/written; exec sleep 1000"));
        Patience.await().until(() -> Files.exists(lab.upper.resolve("app/written")));
        Patience.await().until(() -> says(" stdout F 5000\n"));

        long gatherings = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun) / 10;
        assertThat(counted(launched, "syscr")).isLessThan(1000 + gatherings);
        Log.read(lab.log).accountsForNumbersTo(5000);
    }

    /** What a monitor has read, written, or called for it; proc_pid_io(5). */
    private static long counted(Launched launched, String what) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + launched.monitor().pid() + "/io")).stream()
                .filter(line -> line.startsWith(what + ": "))
                .mapToLong(line -> Long.parseLong(line.substring(what.length() + 2)))
                .sum();
    }

    /** Tells a monitor its bound as the daemon does. */
    private void bound(long bytes) throws IOException {
        Path link = lab.log.resolveSibling(lab.log.getFileName() + ".bound");
        Path fresh = lab.log.resolveSibling("fresh");
        Files.createSymbolicLink(fresh, Path.of(Long.toString(bytes)));
        Files.move(fresh, link, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void theBoundBesideItsLogHoldsFromThenOn() throws Exception {
        Launched launched = lab.launch(unlimited("while ! test -e /app/go; do sleep 0.05; done; seq 1 200000"));
        bound(128 << 10);
        lab.exec(launched, "touch /app/go");
        lab.exit();

        assertThat(Files.size(lab.log)).isLessThanOrEqualTo(64 << 10);
        assertThat(Files.size(lab.log.resolveSibling("web.log.1"))).isLessThanOrEqualTo(64 << 10);
        assertThat(Log.read(lab.log).kept()).contains("200000");
    }

    @Test
    void aBoundOfNothingDropsAndCountsUntilThereIsRoomAgain() throws Exception {
        Launched launched = lab.launch(unlimited("while ! test -e /app/go; do sleep 0.05; done; seq 1 1000;"
                + " touch /app/written; while ! test -e /app/on; do sleep 0.05; done; seq 1001 1100"));
        bound(0);
        lab.exec(launched, "touch /app/go");
        Patience.await().until(() -> Files.exists(lab.upper.resolve("app/written")));
        assertThat(Files.size(lab.log)).isZero();
        Files.delete(lab.log.resolveSibling("web.log.bound"));
        Patience.await().until(() -> says(" host F dropped 1000 lines"));
        lab.exec(launched, "touch /app/on");
        lab.exit();

        Log.read(lab.log).accountsForNumbersTo(1100);
    }

    @Test
    void bothStreamsShareTheRateAndOneThatIsSlowLosesNothing() throws Exception {
        lab.launch(limited("for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 0.1; done"));
        lab.exit();

        assertThat(Log.read(lab.log).kept()).containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    @Test
    void aLineThatDoesNotEndIsKeptInPartsAtTheRate() throws Exception {
        lab.launch(limited("head -c 1500000 /dev/zero | tr '\\0' x; echo; echo next"));
        lab.exit();

        Log log = Log.read(lab.log);
        assertThat(log.kept()).hasSize(2);
        assertThat(log.kept().get(0)).matches("x{1500000}");
        assertThat(log.kept().get(1)).isEqualTo("next");
        assertThat(log.droppedBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"日", "é", "😀", "a日", "ab😀"})
    void noCharacterIsCutIntoTwo(String text) throws Exception {
        lab.launch("sh", "-c", "i=0; while [ $i -lt 100 ]; do printf '" + text.repeat(100) + "'; i=$((i+1)); done");
        lab.exit();

        assertThat(Log.read(lab.log).kept()).containsExactly(text.repeat(10_000));
    }

    @Test
    void whatIsNoUtf8IsKeptAsItIs() throws Exception {
        lab.launch("sh", "-c", "head -c 20000 /dev/zero | tr '\\0' '\\277'");
        lab.exit();

        assertThat(Files.readString(lab.log, ISO_8859_1).chars().filter(c -> c == 0xbf)).hasSize(20_000);
    }

    @Test
    void aLastLineWithoutItsEndIsFinishedHoweverLongItIs() throws Exception {
        lab.launch("sh", "-c", "head -c 8192 /dev/zero | tr '\\0' x");
        lab.exit();

        assertThat(Log.read(lab.log).kept()).containsExactly("x".repeat(8192));
    }

    @Test
    void aFullDiskCostsLinesAndNotTheCommandsTimeAndIsTakenIntoUseAgain() throws Exception {
        Path disk = lab.logDisk("size=1m");
        Path ballast = Files.write(disk.resolve("ballast"), new byte[512 << 10]);
        Launched launched = lab.launch(unlimited("seq 1 100000; touch /app/written; "
                + "while ! test -e /app/go; do sleep 0.05; done; seq 100001 100100"));
        Patience.await().until(() -> Files.exists(lab.upper.resolve("app/written")));

        Files.delete(ballast);
        Patience.await().untilAsserted(() -> Log.read(lab.log).accountsForNumbersTo(100_000));
        lab.exec(launched, "touch /app/go");
        lab.exit();

        Log log = Log.read(lab.log);
        log.accountsForNumbersTo(100_100);
        assertThat(log.droppedLines()).isPositive();
        assertThat(log.reasons()).containsOnly("the log's disk refused them (No space left on device)");
        assertThat(log.kept()).contains("1", "100001", "100100");
    }

    @Test
    void aLogThatCannotEvenBeMadeKeepsNoCommandFromItsLaunch() throws Exception {
        Path disk = lab.logDisk("nr_inodes=2");
        Path ballast = Files.write(disk.resolve("ballast"), new byte[0]);
        lab.launch(unlimited("seq 1 1000; touch /app/written; exec sleep 1000"));
        Patience.await().until(() -> Files.exists(lab.upper.resolve("app/written")));
        assertThat(lab.log).doesNotExist();

        Files.delete(ballast);
        Patience.await().until(() -> says(" host F dropped "));
        Log.read(lab.log).accountsForNumbersTo(1000);
    }

    /** The least that may be set is less than what the monitor writes at once. */
    @Test
    void theSmallestLogStaysWithinItsBoundToo() throws Exception {
        lab.launch(SandboxLab.logging(64 << 10, 0, lab.plan("sh", "-c", "seq 1 50000")));
        lab.exit();

        assertThat(Files.size(lab.log)).isLessThanOrEqualTo(32 << 10);
        assertThat(Files.size(lab.log.resolveSibling("web.log.1"))).isLessThanOrEqualTo(32 << 10);
    }

    @Test
    void theMonitorNeedsLessThanAHundredKibibytesWhateverComes() throws Exception {
        Launched launched = lab.launch(
                unlimited("seq 1 200000; seq 1 200000 >&2; head -c 300000 /dev/zero | tr '\\0' x; touch /app/written;"
                        + " exec sleep 1000"));
        Patience.await().until(() -> Files.exists(lab.upper.resolve("app/written")));

        Matcher own = Pattern.compile("(?m)^Private_(?:Clean|Dirty):\\s+(\\d+) kB$")
                .matcher(Files.readString(Path.of("/proc/" + launched.monitor().pid() + "/smaps_rollup")));
        long kibibytes = 0;
        while (own.find()) kibibytes += Long.parseLong(own.group(1));
        assertThat(kibibytes).isBetween(1L, 100L);
    }
}
