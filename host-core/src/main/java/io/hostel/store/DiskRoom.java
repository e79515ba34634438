package io.hostel.store;

import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/** Tells whether an I/O error means that there is no room. */
public final class DiskRoom {
    private DiskRoom() {}

    /** The JDK gives no errno, only strerror(3)'s words for ENOSPC and EDQUOT. */
    public static boolean isExhausted(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (saysSo(cause.getMessage()) || cause instanceof FileSystemException f && saysSo(f.getReason())) {
                return true;
            }
        }
        return false;
    }

    private static boolean saysSo(@Nullable String message) {
        return message != null && (message.contains("No space left") || message.contains("quota exceeded"));
    }
}
