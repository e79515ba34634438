package io.hostel.store.archive;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar archive entry by entry: POSIX ustar and pax, and GNU's long names. It is a reader of its own because the ones there
 * are hold long names and extended headers of any length in memory, mend names that are not UTF-8, and forgive archives that are
 * cut off. Memory here is bounded by {@link #METADATA_OF_ENTRY}.
 */
final class TarReader {
    /** Two names, and extended attributes. */
    static final int METADATA_OF_ENTRY = 1 << 20;

    static final long METADATA_IN_ALL = 256L << 20;

    /** @param size bytes of content as stored */
    record Entry(String name, char type, int mode, Instant modified, String link, long size, PaxRecords pax) {}

    private final InputStream in;
    private long contentLeft;
    private int padding;
    private long metadata;

    TarReader(InputStream in) {
        this.in = in;
    }

    static RefusedException damaged(String how) {
        return new RefusedException(new Refusal.BadArchive("the archive is damaged: " + how));
    }

    private static RefusedException cutOff() {
        return damaged("it is cut off");
    }

    /**
     * The next entry, after what is left of the one before; null at the end mark.
     *
     * @throws RefusedException BadArchive or TooLarge
     */
    @Nullable
    Entry next() throws IOException {
        PaxRecords pax = PaxRecords.NONE;
        @Nullable String longName = null;
        @Nullable String longLink = null;
        int metadataOfEntry = 0;
        while (true) {
            skipRest();
            byte[] block = block();
            if (TarHeader.isEndMark(block)) {
                return null;
            }
            TarHeader header = new TarHeader(block);
            metadata += TarHeader.SIZE;
            switch (header.type()) {
                case 'x', 'X' -> pax = PaxRecords.parse(metadata(header, metadataOfEntry));
                case 'L' -> longName = name(metadata(header, metadataOfEntry));
                case 'K' -> longLink = name(metadata(header, metadataOfEntry));
                case 'g' -> checkGlobal(PaxRecords.parse(metadata(header, metadataOfEntry)));
                default -> {
                    return entry(header, pax, longName, longLink);
                }
            }
            metadataOfEntry += (int) header.size() + TarHeader.SIZE;
        }
    }

    private Entry entry(TarHeader header, PaxRecords pax, @Nullable String longName, @Nullable String longLink) {
        String name = pax.text("path").orElse(longName == null ? header.name() : longName);
        String link = pax.text("linkpath").orElse(longLink == null ? header.link() : longLink);
        long size = pax.number("size").orElse(header.size());
        Instant modified = pax.modified().orElseGet(() -> Instant.ofEpochSecond(header.modifiedSeconds()));
        contentLeft = size;
        padding = (int) (-size & TarHeader.SIZE - 1);
        return new Entry(name, header.type(), header.mode(), modified, link, size, pax);
    }

    /** Global headers carry comments (git's do); one that renames all entries has no place here. */
    private static void checkGlobal(PaxRecords global) {
        for (String key : new String[] {"path", "linkpath", "size"}) {
            if (global.has(key)) {
                throw damaged("a global header sets " + key + " of all entries");
            }
        }
    }

    private static String name(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return TarHeader.text(java.util.Arrays.copyOf(bytes, end));
    }

    private byte[] metadata(TarHeader header, int soFar) throws IOException {
        long size = header.size();
        metadata += size;
        if (size > METADATA_OF_ENTRY - soFar || metadata > METADATA_IN_ALL) {
            throw new RefusedException(new Refusal.TooLarge("the archive's headers are too large: at most "
                    + METADATA_OF_ENTRY + " bytes for one entry and " + METADATA_IN_ALL + " for all are allowed"));
        }
        contentLeft = size;
        padding = (int) (-size & TarHeader.SIZE - 1);
        byte[] bytes = new byte[(int) size];
        if (read(bytes, 0, bytes.length) < bytes.length) {
            throw cutOff();
        }
        return bytes;
    }

    /** Content of the current entry as stored; its end is the entry's end. */
    InputStream content() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int wanted = (int) Math.min(length, contentLeft);
                if (wanted == 0) {
                    return length == 0 ? 0 : -1;
                }
                int count = in.read(buffer, offset, wanted);
                if (count < 0) {
                    throw cutOff();
                }
                contentLeft -= count;
                return count;
            }
        };
    }

    private void skipRest() throws IOException {
        byte[] scratch = new byte[8_192];
        InputStream content = content();
        while (content.read(scratch, 0, scratch.length) >= 0) {
            // Unwanted.
        }
        if (in.readNBytes(scratch, 0, padding) < padding) {
            throw cutOff();
        }
        padding = 0;
    }

    private int read(byte[] buffer, int offset, int length) throws IOException {
        int count = in.readNBytes(buffer, offset, length);
        contentLeft -= count;
        return count;
    }

    private byte[] block() throws IOException {
        byte[] block = new byte[TarHeader.SIZE];
        int count = in.readNBytes(block, 0, block.length);
        if (count == 0) {
            throw damaged("it ends without its end mark, so it was cut off");
        }
        if (count < block.length) {
            throw cutOff();
        }
        return block;
    }
}
