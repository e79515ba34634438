package io.hostel.api.http;

import akka.util.ByteString;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A command's output as the inside of a JSON string, piece by piece. Not for several threads at once. */
interface OutputText {
    /** The next piece, perhaps of no bytes; null at the end. */
    @Nullable
    ByteString next() throws IOException;
}
