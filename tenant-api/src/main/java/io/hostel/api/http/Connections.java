package io.hostel.api.http;

import akka.actor.Cancellable;
import akka.actor.typed.ActorSystem;
import akka.http.javadsl.IncomingConnection;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.stream.KillSwitches;
import akka.stream.UniqueKillSwitch;
import akka.stream.javadsl.Flow;
import akka.stream.javadsl.Keep;
import akka.util.ByteString;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Takes connections, and lets go of those that ask nothing.
 *
 * <p>akka-http's own idle timeout starts anew with every byte, so a client that drips holds a connection for ever, while a call
 * that waits for minutes loses its. Here a connection has a fixed time for each request's head to be complete, and none while it
 * is being answered; bodies and answers have deadlines of their own.
 */
final class Connections {
    private static final int MOST = 2_048;
    private static final int MOST_OF_ONE_ADDRESS = 1_024;

    private final HttpApi api;
    private final Deadlines deadlines;
    private final ActorSystem<?> system;
    private final Crowd crowd = new Crowd(MOST_OF_ONE_ADDRESS, MOST);

    Connections(HttpApi api, ActorSystem<?> system) {
        this.deadlines = api.deadlines();
        this.api = api;
        this.system = system;
    }

    void accept(IncomingConnection incoming) {
        String from = incoming.remoteAddress().getAddress().getHostAddress();
        if (!crowd.enter(from)) {
            incoming.handleWith(Flow.<HttpRequest>create().take(0).map(none -> HttpResponse.create()), materializer());
            return;
        }
        Connection connection = new Connection();
        connection.armed(incoming.handleWith(connection.flow(), materializer()));
        connection.ended.whenComplete((done, failure) -> crowd.leave(from));
    }

    private akka.stream.Materializer materializer() {
        return akka.stream.Materializer.matFromSystem(system);
    }

    /** One connection; its timer runs while it owes us a request. */
    private final class Connection {
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private @Nullable UniqueKillSwitch end;
        private @Nullable Cancellable timer;
        private int answering;

        Flow<HttpRequest, HttpResponse, UniqueKillSwitch> flow() {
            return Flow.<HttpRequest>create()
                    .viaMat(KillSwitches.single(), Keep.right())
                    .mapAsync(1, this::answer)
                    .watchTermination((kill, done) -> {
                        done.whenComplete((x, failure) -> over());
                        return kill;
                    });
        }

        synchronized void armed(UniqueKillSwitch kill) {
            end = kill;
            if (answering == 0 && !ended.isDone()) {
                expect(deadlines.firstHead());
            }
        }

        private CompletionStage<HttpResponse> answer(HttpRequest request) {
            begun();
            return api.answer(request).thenApply(response -> {
                if (response.entity().isStrict()) {
                    done();
                    return response;
                }
                return response.withEntity(response.entity()) // an endless answer is under way until its last byte
                        .transformEntityDataBytes(Flow.<ByteString>create().watchTermination((mat, end) -> {
                            end.whenComplete((x, failure) -> done());
                            return mat;
                        }));
            });
        }

        private synchronized void begun() {
            answering++;
            stopTimer();
        }

        private synchronized void done() {
            answering--;
            if (answering == 0 && !ended.isDone()) {
                expect(deadlines.nextHead());
            }
        }

        private synchronized void over() {
            stopTimer();
            ended.complete(null);
        }

        private void expect(Duration longest) {
            stopTimer();
            timer = system.scheduler().scheduleOnce(longest, this::cut, system.executionContext());
        }

        private void stopTimer() {
            if (timer != null) {
                timer.cancel();
            }
        }

        private synchronized void cut() {
            if (answering == 0 && end != null) {
                end.shutdown();
            }
        }
    }
}
