package io.hostel.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import io.hostel.api.LogLine;
import io.hostel.api.LogQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFilesTest {
    private static final String END = "(end)";

    private static ActorTestKit kit;

    @TempDir
    Path dir;

    private LogFiles logs;

    @BeforeAll
    static void start() {
        kit = ActorTestKit.create();
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    @BeforeEach
    void open() throws IOException {
        logs = new LogFiles(dir.resolve("log"), 16 << 20, kit.system());
    }

    @AfterEach
    void close() {
        logs.close();
    }

    private FakeMonitor sandbox(String tenant, String app, String id, String process) throws IOException {
        logs.opened(tenant, app, id, process);
        return new FakeMonitor(dir.resolve("log").resolve(tenant).resolve(app).resolve(id + ".log"), 1 << 20);
    }

    /** Waits for what was said to the log thread before. */
    private void settle() {
        logs.forget("nobody", "nothing").toCompletableFuture().join();
    }

    private Reader read(int tail, boolean follow, String... process) {
        Reader reader = new Reader();
        Optional<String> only = process.length == 0 ? Optional.empty() : Optional.of(process[0]);
        logs.lines("acme", "shop", new LogQuery(tail, follow, only)).subscribe(reader);
        return reader;
    }

    @Test
    void theLinesOfAllSandboxesComeMergedByTime() throws Exception {
        FakeMonitor one = sandbox("acme", "shop", "aa1", "web");
        FakeMonitor two = sandbox("acme", "shop", "bb2", "worker");
        sandbox("acme", "blog", "cc3", "web").line("another app's");
        sandbox("umbrella", "shop", "dd4", "web").line("another tenant's");
        one.at(0).line("0").at(2).line("2").at(4).line("4");
        two.at(1).line("1").at(3).line("3");
        settle();

        assertThat(read(100, false).all()).containsExactly("0", "1", "2", "3", "4", END);
        assertThat(read(2, false).all()).containsExactly("3", "4", END);
        assertThat(read(100, false, "worker").all()).containsExactly("1", "3", END);
        assertThat(read(100, false, "none").all()).containsExactly(END);
        assertThat(logs.last("acme", "shop", "aa1", 2).toCompletableFuture().join())
                .extracting(LogLine::line, LogLine::process)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("2", "web"),
                        org.assertj.core.groups.Tuple.tuple("4", "web"));
    }

    @Test
    void followingGoesOnWithWhatComesAndWithSandboxesThatCome() throws Exception {
        FakeMonitor one = sandbox("acme", "shop", "aa1", "web").line("0").line("1");
        settle();
        Reader reader = read(1, true);
        assertThat(reader.next()).isEqualTo("1");

        one.line("2").line("3");
        assertThat(reader.next()).isEqualTo("2");
        assertThat(reader.next()).isEqualTo("3");

        sandbox("acme", "shop", "bb2", "web").line("from the new one");
        assertThat(reader.next()).isEqualTo("from the new one");
        reader.cancel();
    }

    @Test
    void followingEndsWithTheApp() throws Exception {
        sandbox("acme", "shop", "aa1", "web").line("last words");
        settle();
        Reader reader = read(1, true);
        assertThat(reader.next()).isEqualTo("last words");

        logs.forget("acme", "shop").toCompletableFuture().join();

        assertThat(reader.next()).isEqualTo(END);
    }

    @Test
    void readersThatTakeNothingHoldPositionsAndNotLines() throws Exception {
        String text = "x".repeat(6_000);
        for (int i = 0; i < 4; i++) {
            FakeMonitor monitor = sandbox("acme", "shop", "aa" + i, "web");
            for (int j = 0; j < 300; j++) {
                monitor.line(text);
            }
        }
        settle();
        long before = used();
        List<Flow.Subscription> slow = new java.util.ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Reader reader = new Reader(1);
            logs.lines("acme", "shop", new LogQuery(10_000, true, Optional.empty())).subscribe(reader);
            assertThat(reader.next()).isEqualTo(text);
            slow.add(reader.subscription.element());
        }
        // 5 MB of logs, and twenty readers: a line or a few for each of them.
        assertThat(used() - before).isLessThan(12 << 20);
        slow.forEach(Flow.Subscription::cancel);
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void quietLogsAreNotReadAgainAndAgain() throws Exception {
        FakeMonitor one = sandbox("acme", "shop", "aa1", "web").line("0");
        settle();
        Path directory = dir.resolve("log/acme/shop");
        java.util.concurrent.atomic.AtomicInteger finds = new java.util.concurrent.atomic.AtomicInteger();
        AppLogs counted = new AppLogs(() -> {
            finds.incrementAndGet();
            return List.of(new SandboxLog(directory.resolve("aa1.log"), "aa1", "web"));
        });
        try (LogWatch watch = new LogWatch()) {
            Reader reader = new Reader();
            akka.stream.javadsl.Source.fromGraph(
                            new LogFollow(counted, new LogQuery(10, true, Optional.empty()), watch, directory))
                    .runWith(
                            akka.stream.javadsl.JavaFlowSupport.Sink.asPublisher(
                                    akka.stream.javadsl.AsPublisher.WITHOUT_FANOUT),
                            kit.system())
                    .subscribe(reader);
            assertThat(reader.next()).isEqualTo("0");
            org.awaitility.Awaitility.await().during(java.time.Duration.ofSeconds(2)).until(() -> finds.get() == 1);
            one.line("1");
            assertThat(reader.next()).isEqualTo("1");
            assertThat(finds).as("what was written is looked at, and not where else there are logs").hasValue(1);
            assertThat(watch.watched()).isEqualTo(1);
            reader.cancel();
            org.awaitility.Awaitility.await().until(() -> watch.watched() == 0);
        }
    }

    @Test
    void anAppThatHasNoLogsYetIsFollowedFromItsFirstLine() throws Exception {
        Reader reader = read(10, true);
        sandbox("acme", "shop", "aa1", "web").line("first");
        assertThat(reader.next()).isEqualTo("first");
        reader.cancel();
    }

    @Test
    void aTailOfManyLongLinesIsReadInBatches() throws Exception {
        List<String> written = new java.util.ArrayList<>();
        FakeMonitor one = sandbox("acme", "shop", "aa1", "web");
        FakeMonitor two = sandbox("acme", "shop", "bb2", "web");
        for (int i = 0; i < 2_000; i++) {
            String text = i + "-" + "y".repeat(i % 300);
            written.add(text);
            (i % 3 == 0 ? one : two).at(i).line(text);
        }
        settle();
        List<String> expected = new java.util.ArrayList<>(written.subList(500, 2_000));
        expected.add(END);
        assertThat(read(1_500, false).all()).isEqualTo(expected);
    }

    @Test
    void theHostsOwnLinesStandAmongThem() throws Exception {
        sandbox("acme", "shop", "aa1", "web").at(0).line("0").at(2).line("2");
        logs.append("acme", "shop", "aa1", FakeMonitor.START.plusSeconds(1), "exited with 1\nand again");
        settle();

        List<LogLine> lines =
                logs.last("acme", "shop", "aa1", 10).toCompletableFuture().join();

        assertThat(lines).extracting(LogLine::line).containsExactly("0", "exited with 1", "and again", "2");
        assertThat(lines).extracting(LogLine::stream).containsExactly("stdout", "host", "host", "stdout");
    }

    @Test
    void theHostsOwnLinesTakeLittleRoomHoweverManyThereAre() throws Exception {
        sandbox("acme", "shop", "aa1", "web");
        for (int i = 0; i < 3_000; i++) {
            logs.append("acme", "shop", "aa1", FakeMonitor.START, "exited with " + i + " " + "x".repeat(100));
        }
        settle();

        Path file = dir.resolve("log/acme/shop/aa1.host.log");
        assertThat(Files.size(file) + Files.size(LogTail.older(file))).isLessThanOrEqualTo(128 << 10);
        assertThat(logs.last("acme", "shop", "aa1", 1).toCompletableFuture().join())
                .singleElement()
                .satisfies(line -> assertThat(line.line()).startsWith("exited with 2999 "));
    }

    @Test
    void anAppsOrATenantsLogsGoAndNobodyElses() throws Exception {
        sandbox("acme", "shop", "aa1", "web").line("x");
        sandbox("acme", "blog", "bb2", "web").line("y");
        sandbox("umbrella", "shop", "cc3", "web").line("z");
        logs.append("acme", "shop", "aa1", FakeMonitor.START, "x");

        logs.forget("acme", "shop").toCompletableFuture().join();
        assertThat(dir.resolve("log/acme/shop")).doesNotExist();
        assertThat(dir.resolve("log/acme/blog/bb2.log")).exists();

        logs.forget("acme").toCompletableFuture().join();
        logs.forget("acme").toCompletableFuture().join();
        assertThat(dir.resolve("log/acme")).doesNotExist();
        assertThat(dir.resolve("log/umbrella/shop/cc3.log")).exists();
        assertThat(read(10, false).all()).containsExactly(END);
    }

    @Test
    void ofEndedSandboxesTheNewestLogsAreKeptAndOfLivingOnesAll() throws Exception {
        for (int i = 0; i < 30; i++) {
            String id = "s" + i;
            sandbox("acme", "shop", id, "web").line("x");
            settle();
            for (String suffix : List.of(".log", ".process")) {
                Files.setLastModifiedTime(dir.resolve("log/acme/shop/" + id + suffix), FileTime.fromMillis(1_000L * i));
            }
        }
        sandbox("acme", "shop", "young", "web").line("x");
        logs.sweep(Set.of("s0")).toCompletableFuture().join();

        try (Stream<Path> names = Files.list(dir.resolve("log/acme/shop"))) {
            List<String> kept = names.map(name -> name.getFileName().toString())
                    .filter(name -> name.endsWith(".log"))
                    .toList();
            assertThat(kept)
                    .hasSize(21)
                    .contains("s0.log", "young.log", "s29.log", "s11.log")
                    .doesNotContain("s10.log", "s1.log");
        }
    }

    /** A name is read from a pipe that nobody has written to, which takes as long as a slow disk may. */
    @Test
    void filesAreReadWhereWaitingHoldsUpNobody() throws Exception {
        Path app = Files.createDirectories(dir.resolve("log/acme/shop"));
        Files.createFile(app.resolve("aa1.log"));
        Path pipe = app.resolve("aa1.process");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        CompletableFuture<List<String>> lines = CompletableFuture.supplyAsync(() -> {
            try {
                return read(10, false).all();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        try {
            Awaitility.await().until(() -> !readers().isEmpty());
            assertThat(readers()).allMatch(name -> name.contains("blocking-io"));
        } finally {
            Files.writeString(pipe, "web");
        }
        assertThat(lines.get(20, TimeUnit.SECONDS)).containsExactly(END);
    }

    private static List<String> readers() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> Stream.of(thread.getValue()).anyMatch(LogFilesTest::readsAName))
                .map(thread -> thread.getKey().getName())
                .toList();
    }

    private static boolean readsAName(StackTraceElement frame) {
        return frame.getClassName().equals(LogDirectory.class.getName())
                && frame.getMethodName().equals("process");
    }

    @Test
    void theDirectoryIsNotForEveryone() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("log"))))
                .isEqualTo("rwxr-x---");
    }

    @Test
    void aNameIsNeverAPath() {
        for (String name : List.of("..", "../acme", "", "a/b", "A", ".hidden")) {
            assertThatThrownBy(() -> logs.append("acme", name, "aa1", FakeMonitor.START, "x"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(logs.forget(name).toCompletableFuture()).failsWithin(java.time.Duration.ofSeconds(10));
        }
    }

    /** Asks for one line at a time. */
    private static final class Reader implements Flow.Subscriber<LogLine> {
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        private final BlockingQueue<Flow.Subscription> subscription = new LinkedBlockingQueue<>();
        private final int most;

        Reader() {
            this(Integer.MAX_VALUE);
        }

        /** @param most lines that it takes */
        Reader(int most) {
            this.most = most;
        }

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            subscription.add(begun);
            begun.request(1);
        }

        @Override
        public void onNext(LogLine line) {
            lines.add(line.line());
            if (most > 1) {
                subscription.element().request(1);
            }
        }

        @Override
        public void onError(Throwable failure) {
            lines.add("failed: " + failure);
        }

        @Override
        public void onComplete() {
            lines.add(END);
        }

        String next() throws InterruptedException {
            String line = lines.poll(20, TimeUnit.SECONDS);
            return line == null ? "nothing came" : line;
        }

        List<String> all() throws InterruptedException {
            List<String> all = new java.util.ArrayList<>();
            while (!all.contains(END) && !all.contains("nothing came")) {
                all.add(next());
            }
            return all;
        }

        void cancel() {
            subscription.element().cancel();
        }
    }
}
