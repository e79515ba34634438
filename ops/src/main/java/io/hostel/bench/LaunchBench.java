package io.hostel.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Times from a wish to the first answer, as a client on the same machine sees them. */
public final class LaunchBench {
    private static final int WARM_UP = 20;
    private static final int MANY = 100;
    private static final int MANY_ROUNDS = 3;

    private LaunchBench() {}

    /** @param arguments URL, token, tenant, app, process, rounds */
    public static void main(String[] arguments) throws Exception {
        Target target = new Target(arguments[0], arguments[1], arguments[2], arguments[3], arguments[4]);
        int rounds = Integer.parseInt(arguments[5]);
        System.out.println(machine());
        launches(target, WARM_UP, new Times(""));
        Times launch = new Times("PATCH 0→1 to HTTP 200 by the published port");
        launches(target, rounds, launch);
        Times settle = new Times("scale 1→0, settled");
        stops(target, Math.min(rounds, 20), settle);
        Times again = new Times("PID 1 killed to HTTP 200 again");
        restarts(target, rounds, again);
        Times up = new Times("scale 0→" + MANY + ", all running");
        Times down = new Times("scale " + MANY + "→0, all gone");
        many(target, up, down);
        System.out.println(Times.heads());
        for (Times times : new Times[] {launch, settle, again, up, down}) {
            System.out.println(times);
        }
        System.out.println("The host's own histograms since its start (milliseconds; p50 and p95 are bucket bounds):");
        Histograms.summary(target.metrics()).forEach(System.out::println);
        System.out.println(machine());
    }

    private static void launches(Target target, int rounds, Times times) throws IOException, InterruptedException {
        for (int i = 0; i < rounds; i++) {
            target.scale(0, "60s");
            long began = System.nanoTime();
            target.scale(1, "");
            target.awaitAnswer("");
            times.add(System.nanoTime() - began);
            target.scale(1, "60s");
        }
    }

    private static void stops(Target target, int rounds, Times times) throws IOException, InterruptedException {
        for (int i = 0; i < rounds; i++) {
            target.scale(1, "60s");
            long began = System.nanoTime();
            target.scale(0, "60s");
            times.add(System.nanoTime() - began);
        }
    }

    /** The restart policy's back-off starts over for a sandbox that is new, so every third kill gets a new one. */
    private static void restarts(Target target, int rounds, Times times) throws IOException, InterruptedException {
        for (int i = 0; i < rounds; i++) {
            if (i % 3 == 0) {
                target.scale(0, "60s");
                target.scale(1, "60s");
            }
            String life = target.awaitAnswer("");
            long pid = target.pid();
            ProcessHandle init = ProcessHandle.of(pid).orElseThrow(() -> new IOException("no process " + pid));
            long began = System.nanoTime();
            init.destroyForcibly();
            target.awaitAnswer(life);
            times.add(System.nanoTime() - began);
            target.scale(1, "60s");
        }
    }

    private static void many(Target target, Times up, Times down) throws IOException, InterruptedException {
        target.scale(0, "60s");
        for (int i = 0; i < MANY_ROUNDS; i++) {
            long began = System.nanoTime();
            target.scale(MANY, "120s");
            up.add(System.nanoTime() - began);
            began = System.nanoTime();
            target.scale(0, "120s");
            down.add(System.nanoTime() - began);
            Thread.sleep(Duration.ofSeconds(1).toMillis());
        }
    }

    private static String machine() throws IOException {
        String load = Files.readString(Path.of("/proc/loadavg")).strip();
        String kernel = Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
        return String.format(
                Locale.ROOT,
                "Linux %s, %d cores, load %s",
                kernel,
                Runtime.getRuntime().availableProcessors(),
                load);
    }
}
