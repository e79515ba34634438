package io.hostel.log;

/**
 * Where a line lies in a log: from its first part to its last, with what the other streams wrote in between.
 *
 * @param time of its first part, nanoseconds since 1970
 * @param older whether in the older of the two files
 * @param length in bytes, with the newline, at most {@link #MOST}
 * @param whole false: its end was not there yet
 * @param alone whether it has one part only
 */
record LogSpan(long time, boolean older, long start, int length, boolean whole, boolean alone) {
    /** What is longer comes in several. */
    static final int MOST = (1 << 18) - 1;

    private static final int LOG_BITS = 10;
    private static final int START_BITS = 34;
    private static final int LENGTH_BITS = 18;

    /** Logs that can be told apart in {@link #packed}. */
    static final int MOST_LOGS = 1 << LOG_BITS;

    /** Whether it can be packed: it begins within the first 16 GiB of its file. */
    boolean fits() {
        return start < 1L << START_BITS && length <= MOST;
    }

    /** All but the time in eight bytes, since a reader may hold thousands. */
    long packed(int log) {
        long bits = log;
        bits = bits << 1 | (older ? 1 : 0);
        bits = bits << 1 | (alone ? 1 : 0);
        bits = bits << START_BITS | start;
        return bits << LENGTH_BITS | length;
    }

    static int log(long packed) {
        return (int) (packed >>> (LENGTH_BITS + START_BITS + 2));
    }

    static LogSpan unpacked(long packed) {
        return new LogSpan(
                0,
                (packed >>> (LENGTH_BITS + START_BITS + 1) & 1) == 1,
                packed >>> LENGTH_BITS & (1L << START_BITS) - 1,
                (int) (packed & (1 << LENGTH_BITS) - 1),
                true,
                (packed >>> (LENGTH_BITS + START_BITS) & 1) == 1);
    }

    /** Both as one, where they are lines that follow one another and are read at once; else null. */
    @org.jspecify.annotations.Nullable
    LogSpan with(LogSpan next, int most) {
        return alone && next.alone && older == next.older && start + length == next.start && length + next.length <= most
                ? new LogSpan(time, older, start, length + next.length, true, true)
                : null;
    }
}
