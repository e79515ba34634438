package io.hostel.netlink.nft;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** IPv4 blocks as the elements of a set of intervals: joined where they touch, for the kernel refuses overlapping ones. */
public final class Intervals {
    private Intervals() {}

    /**
     * @param first lowest address, as an unsigned number
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
    }

    public static List<Element> elements(List<Interval> intervals) {
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
            elements.add(Element.of(bytes(interval.first())));
            // An interval up to the highest address has no end: net/netfilter/nft_set_rbtree.c.
            if (interval.last() < 0xffffffffL) elements.add(Element.end(bytes(interval.last() + 1)));
        }
        return elements;
    }

    private static byte[] bytes(long address) {
        return ByteBuffer.allocate(4).putInt((int) address).array();
    }
}
