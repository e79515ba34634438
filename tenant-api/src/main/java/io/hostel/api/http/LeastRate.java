package io.hostel.api.http;

import akka.stream.Attributes;
import akka.stream.FlowShape;
import akka.stream.Inlet;
import akka.stream.Outlet;
import akka.stream.stage.AbstractInOutHandler;
import akka.stream.stage.GraphStage;
import akka.stream.stage.GraphStageLogic;
import akka.stream.stage.TimerGraphStageLogic;
import akka.util.ByteString;
import java.time.Duration;

/**
 * Passes bytes on, and fails with {@link TooSlow} where fewer than so many come within a window. Only the time that is spent
 * waiting for the sender counts: one that is held back by us is not slow.
 */
final class LeastRate extends GraphStage<FlowShape<ByteString, ByteString>> {
    private final Inlet<ByteString> in = Inlet.create("LeastRate.in");
    private final Outlet<ByteString> out = Outlet.create("LeastRate.out");
    private final long leastBytes;
    private final Duration window;

    /** The sender is slower than it may be. */
    static final class TooSlow extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooSlow(String message) {
            super(message, null, false, false);
        }
    }

    LeastRate(long leastBytes, Duration window) {
        this.leastBytes = leastBytes;
        this.window = window;
    }

    @Override
    public FlowShape<ByteString, ByteString> shape() {
        return FlowShape.of(in, out);
    }

    @Override
    public GraphStageLogic createLogic(Attributes inherited) {
        return new Logic();
    }

    private final class Logic extends TimerGraphStageLogic {
        private long left = window.toNanos();
        private long bytes;
        private long since;

        Logic() {
            super(LeastRate.this.shape());
            setHandlers(in, out, new AbstractInOutHandler() {
                @Override
                public void onPull() {
                    since = System.nanoTime();
                    scheduleOnce("slow", Duration.ofNanos(left));
                    pull(in);
                }

                @Override
                public void onPush() {
                    cancelTimer("slow");
                    left -= System.nanoTime() - since;
                    ByteString piece = grab(in);
                    bytes += piece.size();
                    if (bytes >= leastBytes) {
                        bytes = 0;
                        left = window.toNanos();
                    } else if (left <= 0) {
                        tooSlow();
                        return;
                    }
                    push(out, piece);
                }
            });
        }

        @Override
        public void onTimer(Object key) {
            tooSlow();
        }

        private void tooSlow() {
            failStage(new TooSlow("less than " + leastBytes + " bytes came within " + window.toSeconds() + " s"));
        }
    }
}
