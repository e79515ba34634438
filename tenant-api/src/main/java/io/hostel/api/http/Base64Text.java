package io.hostel.api.http;

import akka.util.ByteString;
import io.hostel.api.Output;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A command's output in Base64 (RFC 4648, section 4), {@value #PIECE} bytes of it at a time. */
final class Base64Text implements OutputText {
    private static final int PIECE = 24 << 10; // a multiple of three: only the last piece is padded

    private final Output output;
    private long position;

    Base64Text(Output output) {
        this.output = output;
    }

    @Override
    public @Nullable ByteString next() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(PIECE, output.size() - position));
        while (bytes.hasRemaining()) {
            int read = output.read(bytes, position);
            if (read == 0) {
                throw new IOException("a command's output has become shorter");
            }
            position += read;
        }
        return bytes.capacity() == 0
                ? null
                : ByteString.fromArrayUnsafe(Base64.getEncoder().encode(bytes.array()));
    }
}
