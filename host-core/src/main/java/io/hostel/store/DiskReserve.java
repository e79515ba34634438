package io.hostel.store;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What of the state disk is the host's own, so that its database can be written whatever tenants store: the last sixteenth, or GiB
 * where that is less, and of its files a sixteenth. Who stores more asks before and while it does.
 */
public final class DiskReserve {
    /** Keeps nothing. */
    public static final DiskReserve NONE = new DiskReserve(() -> new Room(0, Long.MAX_VALUE, 0, 0));

    private static final int PART = 16;
    private static final long MOST_BYTES = 1L << 30;

    private final Disk disk;

    /**
     * @param bytes all that the disk has
     * @param files how many it has room for; 0: any number
     */
    public record Room(long bytes, long availableBytes, long files, long freeFiles) {}

    /** Where that is asked. */
    @FunctionalInterface
    public interface Disk {
        Room room() throws IOException;
    }

    public DiskReserve(Disk disk) {
        this.disk = disk;
    }

    /** Of the disk that holds a directory; its files are not counted. */
    public static DiskReserve of(Path directory) {
        return new DiskReserve(() -> {
            FileStore store = Files.getFileStore(directory);
            return new Room(store.getTotalSpace(), store.getUsableSpace(), 0, 0);
        });
    }

    /**
     * @param bytes about to be stored, beside what is there
     * @param what would be stored, for whoever asked
     * @throws RefusedException DiskFull where that would take of what is the host's
     */
    public void require(long bytes, String what) throws IOException {
        Room room = disk.room();
        boolean enough = room.availableBytes() - Math.min(MOST_BYTES, room.bytes() / PART) >= bytes;
        if (!enough || room.files() > 0 && room.freeFiles() < room.files() / PART) {
            throw new RefusedException(new Refusal.DiskFull("the host's disk is as good as full: no room for " + what
                    + ", since the rest is kept for the host's own records; nothing was kept"));
        }
    }
}
