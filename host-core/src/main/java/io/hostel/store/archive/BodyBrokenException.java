package io.hostel.store.archive;

import java.io.IOException;

/** Reading the body failed: the connection broke, not the archive. */
public final class BodyBrokenException extends IOException {
    BodyBrokenException(IOException cause) {
        super("the body broke off: " + cause.getMessage(), cause);
    }
}
