package io.hostel.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.hostel.api.LogLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogCursorTest {
    @TempDir
    Path dir;

    private Path file;
    private FakeMonitor monitor;
    private LogCursor cursor;

    @BeforeEach
    void begin() throws IOException {
        file = dir.resolve("acme/shop/ab12.log");
        monitor = new FakeMonitor(file, 1 << 20);
        cursor = new LogCursor(file, "ab12", "web");
    }

    private List<String> tail(int count) throws IOException {
        return texts(cursor.tail(count));
    }

    private List<String> next() throws IOException {
        return texts(cursor.next());
    }

    private static List<String> texts(List<LogLine> lines) {
        return lines.stream().map(LogLine::line).toList();
    }

    @Test
    void aLineHasItsTimeStreamAndOrigin() throws IOException {
        monitor.at(5).put("stderr", false, "Größe: 7  und  mehr ");

        assertThat(cursor.tail(10))
                .containsExactly(
                        new LogLine(FakeMonitor.START.plusSeconds(5), "ab12", "web", "stderr", "Größe: 7  und  mehr "));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 100})
    void theNewestLinesComeAlsoFromTheOlderFile(int count) throws IOException {
        monitor.line("1").line("2").rotate();
        monitor.line("3").line("4");

        assertThat(tail(count)).isEqualTo(List.of("1", "2", "3", "4").subList(Math.max(0, 4 - count), 4));
        assertThat(next()).isEmpty();
    }

    @Test
    void aFileThatHasNoLineYetBetweenTwoThatHaveRepeatsNothing() throws IOException {
        monitor.line("1").line("2");
        assertThat(tail(10)).containsExactly("1", "2");
        monitor.line("3").rotate();
        monitor.raw("");
        assertThat(next()).containsExactly("3");
        assertThat(next()).isEmpty();
        monitor.line("4");
        assertThat(next()).containsExactly("4");
        monitor.rotate();
        monitor.raw("");
        assertThat(tail(10)).containsExactly("4");
        monitor.line("5");
        assertThat(next()).containsExactly("5");
    }

    @Test
    void linesLongerThanAPieceAreFoundBackwards() throws IOException {
        List<String> written = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            String text = i + "-" + "x".repeat(random.nextInt(i % 50 == 0 ? 200_000 : 900));
            written.add(text);
            monitor.raw(new CriLine(FakeMonitor.START.plusSeconds(i), "stdout", false, text).format());
        }
        for (int count : new int[] {1, 7, 250, 300, 1_000}) {
            assertThat(tail(count)).isEqualTo(written.subList(Math.max(0, 300 - count), 300));
        }
    }

    @Test
    void thePartsOfALongLineAreJoinedForEachStream() throws IOException {
        monitor.line("before")
                .put("stdout", true, "a")
                .put("stderr", true, "x")
                .put("stdout", true, "b")
                .put("stderr", false, "y")
                .put("stdout", false, "c")
                .put("stdout", true, "goes ");

        assertThat(tail(10)).containsExactlyInAnyOrder("before", "xy", "abc");
        monitor.put("stdout", false, "on");
        assertThat(next()).containsExactly("goes on");
    }

    @Test
    void aLineWithoutEndComesInPieces() throws IOException {
        for (int i = 0; i < 10; i++) {
            monitor.put("stdout", true, "x".repeat(16_384));
        }
        assertThat(tail(10)).extracting(String::length).hasSize(10).containsOnly(16_384);
    }

    @Test
    void aTornLineIsLeftUntilItIsWhole() throws IOException {
        monitor.line("whole").raw("2026-11-24T00:00:00.00");
        assertThat(tail(10)).containsExactly("whole");
        monitor.raw("0000000Z stdout F now ");
        assertThat(next()).isEmpty();
        monitor.raw("whole\n");
        assertThat(next()).containsExactly("now whole");
    }

    @Test
    void whatIsNoLogLineIsPassedOver() throws IOException {
        monitor.line("1")
                .raw("\n\nnoise\n\0\0\0\0\nyesterday stdout F x\n2026-11-24T00:00:00Z stdout Q x\n")
                .line("2");

        assertThat(tail(10)).containsExactly("1", "2");
    }

    @Test
    void aLogThatIsNotThereYetIsFollowedFromItsBeginning() throws IOException {
        assertThat(tail(10)).isEmpty();
        assertThat(next()).isEmpty();
        monitor.line("1");
        assertThat(next()).containsExactly("1");
    }

    @Test
    void followingSurvivesARotation() throws IOException {
        monitor.line("1");
        assertThat(tail(10)).containsExactly("1");
        monitor.line("2").rotate();
        assertThat(next()).containsExactly("2");
        assertThat(next()).isEmpty();
        monitor.line("3").line("4").rotate();
        monitor.line("5");
        assertThat(next()).containsExactly("3", "4");
        assertThat(next()).containsExactly("5");
        assertThat(next()).isEmpty();
    }

    @Test
    void followingSurvivesTwoRotationsAndLosesOnlyWhatWasDeleted() throws IOException {
        monitor.line("1");
        assertThat(tail(10)).containsExactly("1");
        monitor.line("lost").rotate();
        monitor.line("2").rotate();
        monitor.line("3");
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            seen.addAll(next());
        }
        assertThat(seen).containsExactly("2", "3");
    }

    @Test
    void nothingIsLostOrRepeatedWhileAWriterRotatesAllTheTime() throws Exception {
        int lines = 20_000;
        Thread writer = new Thread(() -> {
            try {
                FakeMonitor fast = new FakeMonitor(file, 2 << 20);
                for (int i = 0; i < lines; i++) {
                    fast.line("line " + i + " " + "x".repeat(i % 200));
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        List<String> seen = new ArrayList<>(tail(10));
        writer.start();
        while (writer.isAlive()) {
            seen.addAll(next());
        }
        writer.join();
        for (int i = 0; i < 100; i++) {
            seen.addAll(next());
        }
        assertThat(seen).hasSize(lines);
        for (int i = 0; i < lines; i++) {
            assertThat(seen.get(i)).startsWith("line " + i + " ");
        }
    }

    @Test
    void tailsTakenWhileAWriterRotatesHaveNoGapsAndNothingTwice() throws Exception {
        Thread writer = new Thread(() -> {
            try {
                FakeMonitor fast = new FakeMonitor(file, 64 << 10);
                for (int i = 0; i < 20_000; i++) {
                    fast.line(String.valueOf(i));
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        writer.start();
        while (writer.isAlive()) {
            List<LogSpan> spans = LogTail.of(file, 200).spans();
            for (int i = 1; i < spans.size(); i++) {
                LogSpan before = spans.get(i - 1);
                LogSpan next = spans.get(i);
                assertThat(next.start())
                        .isEqualTo(before.older() == next.older() ? before.start() + before.length() : 0);
                assertThat(next.older() && !before.older()).isFalse();
            }
            List<Integer> numbers = tail(200).stream().map(Integer::valueOf).toList();
            for (int i = 1; i < numbers.size(); i++) {
                // What is deleted between finding and reading is not there; nothing comes twice or late.
                assertThat(numbers.get(i)).isGreaterThan(numbers.get(i - 1));
            }
        }
        writer.join();
        assertThat(tail(1)).containsExactly("19999");
        assertThat(Files.size(file)).isLessThanOrEqualTo(32 << 10);
    }
}
