package io.hostel.config;

/** TCP ports, both ends included, within 1..65535. */
public record PortRange(int first, int last) {
    public PortRange {
        if (first < 1 || last > 65_535 || first > last) {
            throw new IllegalArgumentException(first + "-" + last + " is not a range of ports within 1-65535");
        }
    }

    public int size() {
        return last - first + 1;
    }

    @Override
    public String toString() {
        return first + "-" + last;
    }
}
