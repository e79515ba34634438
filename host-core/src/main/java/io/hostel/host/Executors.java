package io.hostel.host;

import java.time.Duration;
import java.util.concurrent.ExecutorService;

/** The host's own threads beside the actors': all bounded, none per sandbox. */
final class Executors {
    /** System calls hold a core while they run; a few more threads than cores cover those that wait for a grace period. */
    private static final int KERNEL_THREADS =
            Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    private static final int KERNEL_QUEUE = 65_536;
    private static final int MOST_REPLACED = 64;
    private static final Duration CALL_OVERDUE = Duration.ofSeconds(10);
    private static final int BLOCKING_THREADS = 16;
    private static final int BLOCKING_QUEUE = 256;

    private Executors() {}

    /** For calls to the kernel port. */
    static KernelCalls kernel() {
        return new KernelCalls("hostel-kernel", KERNEL_THREADS, KERNEL_QUEUE, MOST_REPLACED, CALL_OVERDUE);
    }

    /** For files and uploads. */
    static ExecutorService blocking() {
        return new ThreadsWithQueue("hostel-blocking", BLOCKING_THREADS, BLOCKING_QUEUE);
    }
}
