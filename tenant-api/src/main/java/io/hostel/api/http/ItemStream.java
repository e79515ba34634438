package io.hostel.api.http;

import akka.NotUsed;
import akka.stream.javadsl.JavaFlowSupport;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import java.util.OptionalLong;
import java.util.concurrent.Flow;
import java.util.function.Function;

/**
 * A list, {@code {"items":[…]}}, whose items are asked for one at a time as the client takes them: it may be long, and its items
 * large.
 */
final class ItemStream {
    private ItemStream() {}

    /**
     * @param json what an item looks like from outside
     * @param held bytes of memory that an item takes, from the store to the socket, and the next one, fetched meanwhile
     */
    static <T> Answer answer(Flow.Publisher<T> items, Function<T, ?> json, long held) {
        Source<ByteString, NotUsed> bytes = JavaFlowSupport.Source.fromPublisher(items)
                .map(item -> bytes(json.apply(item)))
                .intersperse(
                        ByteString.fromString("{\"items\":["), ByteString.fromString(","), ByteString.fromString("]}"))
                .withAttributes(LineStream.ONE_AHEAD);
        return Answer.outgoing(
                200, Answer.JSON, new Answer.Outgoing(bytes, OptionalLong.empty(), held, () -> {}));
    }

    private static ByteString bytes(Object value) {
        ByteString whole = ByteString.emptyByteString();
        for (ByteString piece : Json.pieces(value).list()) {
            whole = whole.concat(piece);
        }
        return whole;
    }
}
