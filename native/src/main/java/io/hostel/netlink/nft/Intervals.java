package io.hostel.netlink.nft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** IPv4 blocks or ports as the elements of a set of intervals: joined where they touch, for the kernel refuses overlapping ones. */
public final class Intervals {
    private static final int MOST_PORTS = 0xffff;

    private Intervals() {}

    /**
     * @param first lowest address or port, as an unsigned number
     * @param last highest one
     */
    public record Interval(long first, long last) {
        /** @throws IllegalArgumentException where the text is no block such as {@code 10.0.0.0/8} */
        public static Interval parse(String cidr) {
            String[] halves = cidr.split("/", 2);
            String[] parts = halves[0].split("\\.", -1);
            int prefix = halves.length == 2 ? Integer.parseInt(halves[1]) : 32;
            long address = 0;
            for (String part : parts) {
                int value = Integer.parseInt(part);
                if (value < 0 || value > 255) throw new IllegalArgumentException(cidr + " is not an IPv4 block");
                address = address << 8 | value;
            }
            if (parts.length != 4 || prefix < 0 || prefix > 32) {
                throw new IllegalArgumentException(cidr + " is not an IPv4 block");
            }
            long size = 1L << 32 - prefix;
            long first = address / size * size;
            return new Interval(first, first + size - 1);
        }

        /** @throws IllegalArgumentException where the text is no port such as {@code 25} and no range such as {@code 6000-6063} */
        public static Interval ports(String text) {
            String[] ends = text.split("-", 2);
            long first = Long.parseLong(ends[0]);
            long last = Long.parseLong(ends[ends.length - 1]);
            if (first < 0 || last < first || last > MOST_PORTS) {
                throw new IllegalArgumentException(text + " is neither a port nor a range of ports");
            }
            return new Interval(first, last);
        }
    }

    /** Of a set of addresses. */
    public static List<Element> addresses(List<Interval> intervals) {
        return elements(intervals, Integer.BYTES);
    }

    /** Of a set of ports. */
    public static List<Element> ports(List<Interval> intervals) {
        return elements(intervals, Short.BYTES);
    }

    private static List<Element> elements(List<Interval> intervals, int bytes) {
        long highest = (1L << 8 * bytes) - 1;
        List<Interval> joined = new ArrayList<>();
        List<Interval> sorted = intervals.stream()
                .sorted(Comparator.comparingLong(Interval::first))
                .toList();
        for (Interval next : sorted) {
            Interval last = joined.isEmpty() ? new Interval(-2, -2) : joined.get(joined.size() - 1);
            if (next.first() <= last.last() + 1) {
                joined.set(joined.size() - 1, new Interval(last.first(), Math.max(last.last(), next.last())));
            } else {
                joined.add(next);
            }
        }
        List<Element> elements = new ArrayList<>();
        for (Interval interval : joined) {
            elements.add(Element.of(bigEndian(interval.first(), bytes)));
            // An interval up to the highest key has no end: net/netfilter/nft_set_rbtree.c.
            if (interval.last() < highest) elements.add(Element.end(bigEndian(interval.last() + 1, bytes)));
        }
        return elements;
    }

    private static byte[] bigEndian(long number, int bytes) {
        byte[] whole = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        return Arrays.copyOfRange(whole, Long.BYTES - bytes, Long.BYTES);
    }
}
