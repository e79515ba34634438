package io.hostel.netlink;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.opentest4j.AssertionFailedError;

/** Compares bytes with a dump in which every line is hex digits and, after a {@code |}, what they mean. */
public final class Golden {
    private Golden() {}

    /** @throws AssertionFailedError with the dump, and beside each line that differs the bytes that came instead */
    public static void assertBytes(byte[] actual, String annotated) {
        List<String> report = new ArrayList<>();
        boolean same = true;
        int at = 0;
        for (String line : annotated.lines().filter(l -> !l.isBlank()).toList()) {
            String hex = line.split("\\|", 2)[0].replace(" ", "");
            int length = hex.length() / 2;
            String came =
                    HexFormat.of().formatHex(actual, Math.min(at, actual.length), Math.min(at + length, actual.length));
            boolean equal = came.equals(hex);
            same &= equal;
            report.add(String.format("%04x  %s%s", at, line, equal ? "" : "   <-- came " + spaced(came)));
            at += length;
        }
        if (at < actual.length) {
            same = false;
            report.add(String.format(
                    "%04x  <-- came besides: %s", at, spaced(HexFormat.of().formatHex(actual, at, actual.length))));
        }
        if (!same) throw new AssertionFailedError("other bytes than expected:\n" + String.join("\n", report));
    }

    private static String spaced(String hex) {
        return hex.replaceAll("(..)", "$1 ").strip();
    }
}
