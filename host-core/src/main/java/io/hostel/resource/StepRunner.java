package io.hostel.resource;

import io.hostel.kernel.KernelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Applies steps in order and reverts them in reverse. A step is on the undo list before it is applied, for half done must be
 * reverted too. Exceptions end here: what comes out is data.
 */
public final class StepRunner {
    private final FaultPoint faults;
    private final Timing timing;

    public StepRunner(FaultPoint faults, Timing timing) {
        this.faults = faults;
        this.timing = timing;
    }

    /** Where it goes how long a step took in one direction. Must not block. */
    @FunctionalInterface
    public interface Timing {
        Timing NONE = (step, took) -> {};

        /** @param step e.g. {@code apply_veth} */
        void took(String step, Duration took);
    }

    public sealed interface Outcome {}

    /** All steps stand. */
    public record Applied() implements Outcome {}

    /**
     * A step failed, and all up to it were reverted.
     *
     * @param step name of the one that failed
     * @param leftovers what could not be reverted; empty: nothing is left
     */
    public record Failed(String step, String why, List<Leftover> leftovers) implements Outcome {
        public Failed {
            leftovers = List.copyOf(leftovers);
        }
    }

    public Outcome apply(List<Step> steps) {
        Deque<Step> undo = new ArrayDeque<>();
        for (Step step : steps) {
            undo.push(step);
            long began = System.nanoTime();
            try {
                faults.reached("apply " + step.name());
                step.apply();
                timing.took("apply_" + step.name(), Duration.ofNanos(System.nanoTime() - began));
            } catch (KernelException | RuntimeException e) {
                return new Failed(step.name(), words(e), revertAll(undo));
            }
        }
        return new Applied();
    }

    /**
     * Reverts every step, the last one first, whatever becomes of the others.
     *
     * @return what could not be reverted; empty: nothing is left
     */
    public List<Leftover> revert(List<Step> steps) {
        Deque<Step> undo = new ArrayDeque<>();
        steps.forEach(undo::push);
        return revertAll(undo);
    }

    private List<Leftover> revertAll(Iterable<Step> undo) {
        List<Leftover> leftovers = new ArrayList<>();
        for (Step step : undo) {
            long began = System.nanoTime();
            try {
                faults.reached("revert " + step.name());
                step.revert();
                timing.took("revert_" + step.name(), Duration.ofNanos(System.nanoTime() - began));
            } catch (KernelException | RuntimeException e) {
                leftovers.add(new Leftover(step.name(), words(e)));
            }
        }
        return leftovers;
    }

    /** A RuntimeException here is a fault in the program; its class says more than its message. */
    private static String words(Exception e) {
        return e instanceof KernelException ? String.valueOf(e.getMessage()) : e.toString();
    }
}
