package io.hostel.store;

/** The store could not do what was asked; the message says what and where. */
public class StoreException extends RuntimeException {
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The state disk is full. */
    public static final class DiskFull extends StoreException {
        public DiskFull(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
