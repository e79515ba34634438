package io.hostel.api.http;

import akka.actor.typed.ActorSystem;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpHeader;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.ResponseEntity;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import io.hostel.config.CallRates;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * What of the host's memory and time calls may take, shared out among the parties: how many a second, how many at a time, bytes of
 * bodies and of answers. A call keeps its place until its answer's last byte is sent.
 */
final class Admission {
    private static final long MIB = 1 << 20;

    /** Of bytes in a request's head; a token has some dozens, a browser's cookies some thousand. */
    private static final int MOST_HEAD = 16 << 10;

    /** A client that takes nothing of an answer for this long is cut off. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** As is one that has not taken all of it by then. */
    private static final Duration SENT_WITHIN = Duration.ofMinutes(10);

    private final Shares calls = new Shares("calls", 128, 512, 128);
    private final Shares waiting = new Shares("calls that wait or execute", 96, 384, 96);
    private final Shares bodies = new Shares("bytes of requests", 4 * MIB, 8 * MIB, 4 * MIB);
    private final Shares answers = new Shares("bytes of answers", 8 * MIB, 16 * MIB, 8 * MIB);
    private final Rates changes;
    private final Rates reads;
    private final ActorSystem<?> system;

    /** @param nanos a clock that nobody sets */
    Admission(CallRates rates, ActorSystem<?> system, LongSupplier nanos) {
        this.changes = new Rates(rates.changes(), nanos);
        this.reads = new Rates(rates.reads(), nanos);
        this.system = system;
    }

    /** One call's place, and what else it was given; for one answer. */
    final class Admitted {
        private final Party who;
        private final boolean changing;
        private final boolean waits;
        private final long body;
        private final AtomicBoolean left = new AtomicBoolean();

        private Admitted(Party who, boolean changing, boolean waits, long body) {
            this.who = who;
            this.changing = changing;
            this.waits = waits;
            this.body = body;
        }

        /**
         * The answer as it goes out. It holds the place until it is sent. To a call that changed something it goes out
         * whatever room there is, since that cannot be asked again: such answers are views of one app or tenant, no
         * more at a time than there are places, or outputs of commands, which are not in memory.
         */
        HttpResponse send(Answer answer) {
            if (answer.outgoing().isEmpty()) {
                leave();
                return answer.response();
            }
            Answer.Outgoing outgoing = answer.outgoing().get();
            long held = outgoing.held();
            Runnable release = outgoing.release();
            if (changing) {
                answers.enterAnyway(who, held);
            } else if (!answers.enter(who, held)) {
                release.run();
                leave();
                return answers.refusal(who).answer().response();
            }
            Held until = Held.until(system, () -> {
                release.run();
                answers.leave(who, held);
                leave();
            });
            Source<ByteString, ?> bytes = until.during(
                    outgoing.bytes().backpressureTimeout(PATIENCE).completionTimeout(SENT_WITHIN));
            var type = ContentTypes.parse(answer.contentType());
            ResponseEntity entity = outgoing.length().isPresent()
                    ? HttpEntities.create(type, outgoing.length().getAsLong(), bytes)
                    : HttpEntities.createChunked(type, bytes);
            return answer.response().withEntity(entity);
        }

        private void leave() {
            if (left.compareAndSet(false, true)) {
                bodies.leave(who, body);
                if (waits) {
                    waiting.leave(who);
                }
                calls.leave(who);
            }
        }
    }

    /**
     * @param waits whether it may be under way for long
     * @param body bytes of its body that count
     * @throws Problem.Refused with 429 where there is no room for it, 431 where its head is too large
     */
    Admitted admit(HttpRequest request, Party who, boolean changing, boolean waits, long body) {
        if (head(request) > MOST_HEAD) {
            throw new Problem.Refused(Problem.of(
                    431, "too-large", "Too large", "the request's head has more than " + MOST_HEAD + " bytes"));
        }
        Optional<Duration> pause = (changing ? changes : reads).take(who);
        if (pause.isPresent()) {
            throw new Problem.Refused(Problem.tooFast(who, changing, pause.get()));
        }
        require(calls, who, 1);
        try {
            if (waits) {
                require(waiting, who, 1);
            }
            try {
                require(bodies, who, body);
            } catch (Problem.Refused e) {
                if (waits) {
                    waiting.leave(who);
                }
                throw e;
            }
        } catch (Problem.Refused e) {
            calls.leave(who);
            throw e;
        }
        return new Admitted(who, changing, waits, body);
    }

    private static void require(Shares shares, Party who, long amount) {
        if (!shares.enter(who, amount)) {
            throw new Problem.Refused(shares.refusal(who));
        }
    }

    private static long head(HttpRequest request) {
        long bytes = 0;
        for (HttpHeader header : request.getHeaders()) {
            bytes += header.name().length() + header.value().length();
        }
        return bytes;
    }
}
