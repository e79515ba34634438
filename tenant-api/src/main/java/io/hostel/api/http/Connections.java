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
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Takes connections, and lets go of those that ask nothing.
 *
 * <p>akka-http's own idle timeout starts anew with every byte, so a client that drips holds a connection for ever, while a call
 * that waits for minutes loses its. Here a connection has a fixed time for each request's head to be complete, and none while it
 * is being answered; bodies and answers have deadlines of their own.
 *
 * <p>Every connection is accepted: only its first head tells whose it is. Those that are being answered are bounded as calls and
 * streams are ({@link Admission}, {@link StreamRoutes}), and those that owe a head by {@link Idle}: the oldest goes.
 */
final class Connections {
    private final HttpApi api;
    private final Deadlines deadlines;
    private final ActorSystem<?> system;
    private final Idle<Connection> strangers = new Idle<>();
    private final Idle<Connection> resting = new Idle<>();

    Connections(HttpApi api, ActorSystem<?> system) {
        this.deadlines = api.deadlines();
        this.api = api;
        this.system = system;
    }

    void accept(IncomingConnection incoming) {
        Connection connection =
                new Connection(incoming.remoteAddress().getAddress().getHostAddress());
        connection.armed(
                incoming.handleWith(connection.flow(), akka.stream.Materializer.matFromSystem(system)));
    }

    /** One connection; its timer runs while it owes us a request. */
    private final class Connection {
        private final String from;
        private @Nullable UniqueKillSwitch end;
        private @Nullable Cancellable timer;
        private int answering;
        private boolean over;
        private boolean cut;

        Connection(String from) {
            this.from = from;
        }

        Flow<HttpRequest, HttpResponse, UniqueKillSwitch> flow() {
            return Flow.<HttpRequest>create()
                    .viaMat(KillSwitches.single(), Keep.right())
                    .mapAsync(1, this::answer)
                    .watchTermination((kill, done) -> {
                        done.whenComplete((x, failure) -> over());
                        return kill;
                    });
        }

        void armed(UniqueKillSwitch kill) {
            synchronized (this) {
                end = kill;
                if (cut) {
                    kill.shutdown();
                }
                if (answering > 0 || over) {
                    return;
                }
                expect(deadlines.firstHead());
            }
            idle(strangers);
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

        private void begun() {
            synchronized (this) {
                answering++;
                stopTimer();
            }
            strangers.remove(this);
            resting.remove(this);
        }

        private void done() {
            synchronized (this) {
                answering--;
                if (answering > 0 || over) {
                    return;
                }
                expect(deadlines.nextHead());
            }
            idle(resting);
        }

        /** Without this one's lock: two that are full cut each other's. */
        private void idle(Idle<Connection> among) {
            Connection oldest = among.add(this, from);
            if (oldest != null) {
                oldest.cut();
            }
            synchronized (this) {
                if (answering == 0 && !over) {
                    return;
                }
            }
            among.remove(this); // asked again, or ended, meanwhile
        }

        private void over() {
            synchronized (this) {
                over = true;
                stopTimer();
            }
            strangers.remove(this);
            resting.remove(this);
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
            if (answering > 0) {
                return;
            }
            cut = true;
            if (end != null) {
                end.shutdown();
            }
        }
    }
}
