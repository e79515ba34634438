package io.hostel.kernel.linux;

/** Files of lines {@code key value}, as control groups have them: cgroup-v2.rst, "flat keyed". */
final class FlatKeyed {
    private FlatKeyed() {}

    /** 0 where the key is absent. */
    static long value(String content, String key) {
        return content.lines()
                .filter(line -> line.startsWith(key + " "))
                .mapToLong(
                        line -> Long.parseLong(line.substring(key.length() + 1).strip()))
                .findFirst()
                .orElse(0);
    }
}
