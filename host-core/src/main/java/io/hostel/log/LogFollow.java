package io.hostel.log;

import akka.japi.function.Procedure;
import akka.stream.Attributes;
import akka.stream.Outlet;
import akka.stream.SourceShape;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.AsyncCallback;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import io.hostel.api.LogLine;
import io.hostel.api.LogQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Gives an app's lines as a stream. It reads files only when lines are asked for and there are new ones, a batch at a time, so
 * neither a slow reader nor a quiet log costs anything.
 */
final class LogFollow extends GraphStage<SourceShape<LogLine>> {
    /** Where the directory is not watched: it is not there yet, or the kernel watches no more. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    /** For what the watch may have missed. */
    private static final Duration LOOK_AT_LEAST_EVERY = Duration.ofSeconds(30);

    private final Outlet<LogLine> out = Outlet.create("LogFollow.out");
    private final AppLogs logs;
    private final LogQuery query;
    private final LogWatch watch;
    private final Path directory;

    /** @param logs for this stage alone */
    LogFollow(AppLogs logs, LogQuery query, LogWatch watch, Path directory) {
        this.logs = logs;
        this.query = query;
        this.watch = watch;
        this.directory = directory;
    }

    @Override
    public SourceShape<LogLine> shape() {
        return SourceShape.of(out);
    }

    @Override
    public GraphStageLogic createLogic(Attributes inherited) {
        return new Logic();
    }

    private final class Logic extends TimerGraphStageLogic implements LogWatch.Reader {
        private final Deque<LogLine> ready = new ArrayDeque<>();
        private final AsyncCallback<Set<String>> changed = createAsyncCallback((Procedure<Set<String>>) this::look);
        private final AsyncCallback<Boolean> gone = createAsyncCallback((Procedure<Boolean>) was -> unwatched());
        private boolean begun;
        private boolean seen;
        private boolean over;

        Logic() {
            super(LogFollow.this.shape());
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() throws IOException {
                    begin();
                    give();
                }
            });
        }

        private void begin() throws IOException {
            if (begun) {
                return;
            }
            begun = true;
            if (query.follow()) {
                watch(); // before the tail, so that nothing is between them
            }
            logs.begin(query.tail());
        }

        private void watch() {
            boolean watched = watch.watch(directory, this);
            seen |= watched;
            scheduleOnce(watched ? "at least" : "unwatched", watched ? LOOK_AT_LEAST_EVERY : LOOK_EVERY);
        }

        private void give() throws IOException {
            if (ready.isEmpty()) {
                ready.addAll(logs.tail());
            }
            if (ready.isEmpty() && query.follow()) {
                ready.addAll(logs.next());
            }
            if (!ready.isEmpty()) {
                push(out, ready.removeFirst());
            } else if (!query.follow() || over) {
                complete(out);
            }
        }

        private void look(Set<String> names) throws IOException {
            logs.written(names);
            if (isAvailable(out)) {
                give();
            }
        }

        /** The directory goes with its app, and nothing more comes; else it is watched no more. */
        private void unwatched() throws IOException {
            if (isOver()) {
                look(Set.of());
            } else {
                scheduleOnce("unwatched", LOOK_EVERY);
            }
        }

        private boolean isOver() {
            boolean there = Files.isDirectory(directory);
            over |= seen && !there;
            seen |= there;
            return over;
        }

        @Override
        public void onTimer(Object key) throws IOException {
            if (key.equals("unwatched") && isOver()) {
                cancelTimer("at least");
            } else if (key.equals("unwatched")) {
                watch();
            } else {
                scheduleOnce("at least", LOOK_AT_LEAST_EVERY);
            }
            look(Set.of());
        }

        @Override
        public void changed(Set<String> names) {
            changed.invoke(names);
        }

        @Override
        public void gone() {
            gone.invoke(true);
        }

        @Override
        public void postStop() {
            watch.leave(this);
        }
    }
}
