package io.hostel.log;

import akka.stream.Attributes;
import akka.stream.Outlet;
import akka.stream.SourceShape;
import akka.stream.stage.AbstractOutHandler;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import io.hostel.api.LogLine;
import io.hostel.api.LogQuery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Gives an app's lines as a stream. It looks at the files only when lines are asked for, so a slow reader costs nothing. */
final class LogFollow extends GraphStage<SourceShape<LogLine>> {
    private static final Duration LOOK_EVERY = Duration.ofMillis(150);

    private final Outlet<LogLine> out = Outlet.create("LogFollow.out");
    private final AppLogs logs;
    private final LogQuery query;

    /** @param logs for this stage alone */
    LogFollow(AppLogs logs, LogQuery query) {
        this.logs = logs;
        this.query = query;
    }

    @Override
    public SourceShape<LogLine> shape() {
        return SourceShape.of(out);
    }

    @Override
    public GraphStageLogic createLogic(Attributes inherited) {
        return new Logic();
    }

    private final class Logic extends TimerGraphStageLogic {
        private final Deque<LogLine> ready = new ArrayDeque<>();
        private boolean begun;

        Logic() {
            super(LogFollow.this.shape());
            setHandler(out, new AbstractOutHandler() {
                @Override
                public void onPull() throws IOException {
                    give();
                }
            });
        }

        private void give() throws IOException {
            if (ready.isEmpty()) {
                look();
            }
            if (!ready.isEmpty()) {
                push(out, ready.removeFirst());
            } else if (query.follow()) {
                scheduleOnce("look", LOOK_EVERY);
            } else {
                complete(out);
            }
        }

        private void look() throws IOException {
            if (!begun) {
                begun = true;
                ready.addAll(logs.tail(query.tail()));
            } else if (query.follow()) {
                ready.addAll(logs.next());
            }
        }

        @Override
        public void onTimer(Object key) throws IOException {
            give();
        }
    }
}
