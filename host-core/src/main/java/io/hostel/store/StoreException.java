package io.hostel.store;

import org.jspecify.annotations.Nullable;

/** The store could not do what was asked; the message says what and where. */
public class StoreException extends RuntimeException {
    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The state disk is full. */
    public static final class DiskFull extends StoreException {
        public DiskFull(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
