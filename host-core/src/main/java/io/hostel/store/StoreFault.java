package io.hostel.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** Says in words what went wrong with the database, and tells a full disk from everything else. */
final class StoreFault {
    /** SQLite reports some of a full disk's symptoms as plain I/O errors: a journal index that can't grow, for one. */
    private static final long AS_GOOD_AS_FULL = 1 << 20;

    private final Path file;

    StoreFault(Path file) {
        this.file = file;
    }

    StoreException of(String verb, SQLException e) {
        // Extended codes carry the primary one in their low byte: https://sqlite.org/rescode.html
        int primary = e.getErrorCode() & 0xff;
        if (primary == SQLiteErrorCode.SQLITE_FULL.code
                || primary == SQLiteErrorCode.SQLITE_IOERR.code && noRoom()
                || primary == SQLiteErrorCode.SQLITE_CANTOPEN.code && noRoom()) {
            return new StoreException.DiskFull(verb + " " + file + ": the disk is full", e);
        }
        if (primary == SQLiteErrorCode.SQLITE_CORRUPT.code || primary == SQLiteErrorCode.SQLITE_NOTADB.code) {
            return damaged(e.getMessage(), e);
        }
        if (primary == SQLiteErrorCode.SQLITE_BUSY.code || primary == SQLiteErrorCode.SQLITE_LOCKED.code) {
            return new StoreException(
                    verb + " " + file + ": another program holds it; is a second host running on this state-dir?", e);
        }
        return new StoreException(verb + " " + file + ": " + e.getMessage(), e);
    }

    StoreException of(String verb, IOException e) {
        if (DiskRoom.isExhausted(e)) {
            return new StoreException.DiskFull(verb + " " + file + ": the disk is full", e);
        }
        return new StoreException(verb + " " + file + ": " + e, e);
    }

    StoreException damaged(@Nullable String how, @Nullable Throwable cause) {
        return new StoreException(
                file + " is damaged (" + how
                        + "); it has been left as it is: restore it from a backup, or move it and its"
                        + " -wal away to begin with an empty host",
                cause);
    }

    private boolean noRoom() {
        try {
            return Files.getFileStore(file).getUsableSpace() < AS_GOOD_AS_FULL;
        } catch (IOException unknown) {
            return false;
        }
    }
}
