package io.hostel.cli;

import java.io.FilterWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Text for a terminal, of which others have written parts: what would command the terminal, or show text otherwise than it is, is
 * shown by its number. So are ECMA-48's control functions (ESC, BEL, U+009B …), Unicode's controls of direction and all else that is
 * not seen. Newline and tab stay, and so does a carriage return before a newline.
 */
final class TerminalText extends FilterWriter {
    /** ZERO WIDTH NON-JOINER and JOINER: Persian and Indic words and emoji are written with them. */
    private static final int NON_JOINER = 0x200c;

    private static final int JOINER = 0x200d;

    // inode(7), null(4)
    private static final int TYPE = 0170000;
    private static final int CHARACTER_DEVICE = 0020000;
    private static final long DEV_NULL = 1L << 8 | 3;

    /** A carriage return or the first half of a pair, which what comes next decides on; else 0. */
    private char held;

    TerminalText(Writer out) {
        super(out);
    }

    /** Whether this descriptor of the process leads to a terminal: a character device, other than /dev/null. */
    static boolean at(int descriptor) {
        Path path = Path.of("/proc/self/fd/" + descriptor);
        try {
            Map<String, Object> file = Files.readAttributes(path, "unix:mode,rdev");
            return ((int) file.getOrDefault("mode", 0) & TYPE) == CHARACTER_DEVICE
                    && !Long.valueOf(DEV_NULL).equals(file.get("rdev"));
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    @Override
    public void write(int character) throws IOException {
        put((char) character);
    }

    @Override
    public void write(char[] text, int from, int length) throws IOException {
        for (int i = from; i < from + length; i++) put(text[i]);
    }

    @Override
    public void write(String text, int from, int length) throws IOException {
        for (int i = from; i < from + length; i++) put(text.charAt(i));
    }

    private void put(char next) throws IOException {
        char before = held;
        held = 0;
        if (before == '\r') {
            out.write(next == '\n' ? "\r" : "\\r");
        } else if (before != 0 && Character.isLowSurrogate(next)) {
            show(Character.toCodePoint(before, next));
            return;
        } else if (before != 0) {
            show(before);
        }
        if (next == '\r' || Character.isHighSurrogate(next)) {
            held = next;
        } else {
            show(next);
        }
    }

    private void show(int codePoint) throws IOException {
        if (isShown(codePoint)) {
            out.write(Character.toString(codePoint));
        } else {
            out.write(String.format(codePoint < 0x80 ? "\\x%02x" : "\\u%04x", codePoint));
        }
    }

    private static boolean isShown(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL -> codePoint == '\n' || codePoint == '\t';
            case Character.FORMAT -> codePoint == JOINER || codePoint == NON_JOINER;
            case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE -> false;
            default -> true;
        };
    }
}
