package io.hostel.api.http;

import akka.http.javadsl.model.HttpRequest;
import io.hostel.api.Caller;
import io.hostel.api.IdempotencyStore;
import io.hostel.api.IdempotencyStore.KeptAnswer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does a changing call that carries an Idempotency-Key once, and answers its repetitions as the first.
 *
 * <p>Answers of 500 and above are not kept, nor those that say "faster" or "later" (408, 429): the key may be used
 * again. Of those that are too large for a text the key alone is kept. Uploads are told apart by type and length, not
 * by their content, which is its own name anyway. Answers that hold a secret are kept sealed, see {@link SealedText}.
 */
final class Idempotency {
    private static final Logger LOG = LoggerFactory.getLogger(Idempotency.class);

    private final IdempotencyStore store;

    Idempotency(IdempotencyStore store) {
        this.store = store;
    }

    /** The key, where one was sent; fails with {@link Problem.Refused} where it can be none. */
    static Optional<String> key(HttpRequest request) {
        Optional<String> key = request.getHeader("Idempotency-Key")
                .map(header -> header.value().strip());
        if (key.isPresent() && !key.get().matches("[!-~]{1,255}")) {
            throw new Problem.Refused(Problem.malformed("Idempotency-Key must be 1 to 255 visible ASCII characters"));
        }
        return key;
    }

    CompletionStage<Answer> once(
            Call call,
            Caller caller,
            HttpRequest request,
            String key,
            byte[] body,
            Supplier<CompletionStage<Answer>> act) {
        Optional<SealedText> seal =
                call.secret() ? Gate.token(request).map(token -> new SealedText(token, key)) : Optional.empty();
        return store.begin(caller, key, fingerprint(call, request, body))
                .thenCompose(kept -> kept.isPresent()
                        ? CompletableFuture.completedFuture(replay(kept.get(), seal))
                        : act.get().thenCompose(answer -> settle(caller, key, answer, seal)));
    }

    private CompletionStage<Answer> settle(Caller caller, String key, Answer answer, Optional<SealedText> seal) {
        CompletionStage<?> settled = Stages.of(() -> {
            if (answer.status() >= 500 || answer.status() == 408 || answer.status() == 429) {
                return store.abandon(caller, key);
            } else if (answer.outgoing().isPresent()) {
                return store.keepKey(caller, key, answer.status());
            }
            String body = seal.map(with -> with.seal(answer.body())).orElse(answer.body());
            return store.keep(caller, key, new KeptAnswer(answer.status(), answer.contentType(), body));
        });
        return settled.handle((gone, failure) -> {
            if (failure != null) {
                LOG.warn(
                        "the answer to an idempotent call of {} was not kept; a repetition will be refused or done anew",
                        caller,
                        failure);
            }
            return answer;
        });
    }

    private static Answer replay(KeptAnswer kept, Optional<SealedText> seal) {
        String body = seal.map(with -> with.open(kept.body())
                        .orElseThrow(() -> new Problem.Refused(Problem.of(
                                409,
                                "conflict",
                                "The present state does not allow it",
                                "the key was used with another token, and its answer held a secret"))))
                .orElse(kept.body());
        return Answer.text(kept.status(), kept.contentType(), body).with("Idempotency-Replayed", "true");
    }

    private static String fingerprint(Call call, HttpRequest request, byte[] body) {
        var digest = SealedText.sha256();
        String head = call.method()
                + '\n'
                + request.getUri().getPathString()
                + '\n'
                + request.getUri().rawQueryString().orElse("")
                + '\n';
        if (call.body() == Call.Takes.STREAM) {
            head += request.entity().getContentType() + "\n"
                    + request.entity().getContentLengthOption().orElse(-1);
        }
        digest.update(head.getBytes(StandardCharsets.UTF_8));
        digest.update(body);
        return HexFormat.of().formatHex(digest.digest());
    }
}
