package io.hostel.kernel;

import java.util.OptionalInt;

/**
 * How a host's bridges are called: the first as it is configured, e.g. {@code hostel0}, the others after it, {@code hostel0_1},
 * {@code hostel0_2} and so on. A configured name holds no underscore, so no host takes another's for its own.
 */
public final class BridgeNames {
    /** The highest number: a name of ten characters with it has fifteen, the most that the kernel takes. */
    public static final int LAST = 9999;

    private static final String SEPARATOR = "_";

    private BridgeNames() {}

    /**
     * @param first name of the first bridge
     * @param number 0 for the first, at most {@link #LAST}
     */
    public static String of(String first, int number) {
        if (number < 0 || number > LAST) throw new IllegalArgumentException("no bridge has number " + number);
        return number == 0 ? first : first + SEPARATOR + number;
    }

    /** The inverse of {@link #of}: a bridge's number; empty where the name is none of that host's. */
    public static OptionalInt number(String first, String name) {
        if (name.equals(first)) return OptionalInt.of(0);
        String start = further(first);
        if (!name.startsWith(start)) return OptionalInt.empty();
        String digits = name.substring(start.length());
        return digits.matches("[1-9][0-9]{0,3}") ? OptionalInt.of(Integer.parseInt(digits)) : OptionalInt.empty();
    }

    /** What the names of all bridges but the first begin with. */
    public static String further(String first) {
        return first + SEPARATOR;
    }
}
