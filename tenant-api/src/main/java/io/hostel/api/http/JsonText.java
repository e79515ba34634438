package io.hostel.api.http;

import akka.util.ByteString;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.hostel.api.Output;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A command's output as the inside of a JSON string, piece by piece: a piece has at most {@value #PIECE} bytes of the output, each
 * of them at most six bytes in JSON. What is no UTF-8 is replaced by U+FFFD. Not for several threads at once.
 */
final class JsonText implements OutputText {
    private static final int PIECE = 8 << 10;

    private final Output output;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private final ByteBuffer bytes = ByteBuffer.allocate(PIECE);
    private final CharBuffer chars = CharBuffer.allocate(PIECE + 2);
    private long position;
    private boolean ended;

    JsonText(Output output) {
        this.output = output;
    }

    /** @param cut whether the end may be missing, and with it a character's */
    static boolean is(Output output, boolean cut) throws IOException {
        CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.allocate(PIECE);
        CharBuffer chars = CharBuffer.allocate(PIECE + 2);
        long position = 0;
        while (true) {
            int read = output.read(bytes, position);
            position += read;
            bytes.flip();
            chars.clear();
            if (strict.decode(bytes, chars, read == 0 && !cut).isError()) {
                return false;
            }
            if (read == 0) {
                return true;
            }
            bytes.compact();
        }
    }

    @Override
    public @Nullable ByteString next() throws IOException {
        if (ended) {
            return null;
        }
        int read = output.read(bytes, position);
        position += read;
        ended = read == 0;
        bytes.flip();
        chars.clear();
        decoder.decode(bytes, chars, ended);
        if (ended) {
            decoder.flush(chars);
        }
        bytes.compact(); // the beginning of a character whose end has not come
        chars.flip();
        return ByteString.fromArrayUnsafe(JsonStringEncoder.getInstance().quoteAsUTF8(chars.toString()));
    }
}
