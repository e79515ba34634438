package io.hostel.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.stream.Attributes;
import akka.stream.javadsl.Sink;
import akka.stream.javadsl.SinkQueueWithCancel;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.hostel.api.Caller;
import io.hostel.config.CallRates;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What requests and answers take of the memory is what is counted of them. */
final class RoomTest {
    private static final ActorSystem<Void> SYSTEM = ActorSystem.create(Behaviors.empty(), "room-test");
    private static final Party ANN = Party.of(new Caller.Tenant("ann", 1, "first", Optional.empty()));
    private static final Party BOB = Party.of(new Caller.Tenant("bob", 1, "first", Optional.empty()));
    private static final long MIB = 1 << 20;

    private final Admission admission = new Admission(new CallRates(0, 0), SYSTEM, () -> 0);

    @AfterAll
    static void end() {
        SYSTEM.terminate();
    }

    private HttpResponse sent(Party who, boolean changing, long held, ByteString bytes) {
        return admission
                .admit(HttpRequest.GET("/"), who, changing, false, 0)
                .send(Answer.outgoing(
                        200,
                        Answer.JSON,
                        new Answer.Outgoing(Source.single(bytes), OptionalLong.empty(), held, () -> {})));
    }

    private WeakReference<byte[]> sentAndTaken() {
        byte[] large = new byte[1 << 20];
        sent(ANN, false, large.length, ByteString.fromArrayUnsafe(large))
                .entity()
                .getDataBytes()
                .runWith(Sink.ignore(), SYSTEM)
                .toCompletableFuture()
                .join();
        return new WeakReference<>(large);
    }

    @Test
    void whatWasSentIsForgotten() {
        WeakReference<byte[]> large = sentAndTaken();
        await().untilAsserted(() -> {
            System.gc();
            assertThat(large.get() == null).as("nothing holds it").isTrue();
        });
    }

    @Test
    void whoHasLessLeftThanItHoldsStillGetsTheAnswerToWhatIsDone() {
        assertThat(sent(ANN, false, 8 * MIB, ByteString.emptyByteString()).status().intValue()).isEqualTo(200);
        assertThat(sent(BOB, false, MIB, ByteString.emptyByteString()).status().intValue()).isEqualTo(200);
        assertThat(sent(ANN, false, MIB, ByteString.emptyByteString()).status().intValue()).isEqualTo(429);
        assertThat(sent(ANN, true, 0, ByteString.emptyByteString()).status().intValue()).isEqualTo(200);
        assertThat(sent(ANN, true, MIB, ByteString.emptyByteString()).status().intValue()).isEqualTo(200);
    }

    @Test
    void itemsAreNotFetchedBeforeTheyAreTaken() {
        AtomicLong asked = new AtomicLong();
        Source<ByteString, ?> list = ItemStream.answer(endless(asked), item -> item, 1)
                .outgoing()
                .orElseThrow()
                .bytes();
        taken(list, 4); // the beginning, an item, a comma, an item
        assertThat(asked).hasValueBetween(2, 5);
    }

    @Test
    void linesAreNotFetchedBeforeTheyAreTaken() {
        AtomicLong asked = new AtomicLong();
        Held place = Held.until(SYSTEM, () -> {});
        Source<ByteString, ?> lines = LineStream.NDJSON
                .entity(endless(asked), line -> OptionalLong.empty(), place)
                .getDataBytes()
                .map(bytes -> (ByteString) bytes);
        taken(lines, 2);
        assertThat(asked).hasValueLessThan(10);
    }

    private static void taken(Source<ByteString, ?> source, int pieces) {
        SinkQueueWithCancel<ByteString> taken =
                source.runWith(Sink.<ByteString>queue().withAttributes(Attributes.inputBuffer(1, 1)), SYSTEM);
        for (int i = 0; i < pieces; i++) {
            assertThat(taken.pull().toCompletableFuture().join()).isPresent();
        }
    }

    /** @param asked counts what is */
    private static Flow.Publisher<String> endless(AtomicLong asked) {
        return subscriber -> subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long more) {
                asked.addAndGet(more);
                for (long i = 0; i < more; i++) {
                    subscriber.onNext("item");
                }
            }

            @Override
            public void cancel() {
                // It gives nothing unasked.
            }
        });
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    @Test
    void aBodyInTinyChunksWeighsNoMoreThanItsBytes() {
        int size = 1 << 20;
        CompletableFuture<Long> then = new CompletableFuture<>();
        Source<ByteString, ?> bytes = Source.range(1, size)
                .map(i -> ByteString.fromArray(new byte[] {'x'}))
                .concatLazy(Source.lazySource(() -> {
                    then.complete(used());
                    return Source.single(ByteString.fromString("y"));
                }));
        HttpRequest request = HttpRequest.POST("/")
                .withEntity(HttpEntities.createChunked(ContentTypes.APPLICATION_OCTET_STREAM, bytes));
        long before = used();
        byte[] whole = new Bodies(SYSTEM, Duration.ofMinutes(1))
                .bytes(request, size + 1)
                .toCompletableFuture()
                .join();
        assertThat(then.join() - before).isLessThan(8 * MIB);
        assertThat(whole).hasSize(size + 1).startsWith('x', 'x').endsWith('x', 'y');
    }
}
