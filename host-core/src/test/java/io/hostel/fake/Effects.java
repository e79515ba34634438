package io.hostel.fake;

import io.hostel.kernel.KernelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Every change that is made to the fake, counted, and the faults a test wants: one effect fails, or the daemon dies at one.
 * A dead daemon changes nothing more until it is {@linkplain #revive() revived}.
 */
public final class Effects {
    private final List<String> journal = new ArrayList<>();
    private int failAt = -1;
    private boolean halfDone;
    private int dieAt = -1;
    private boolean dead;
    private Predicate<String> refused = effect -> false;

    /** The daemon is gone: nothing that it calls happens any more. */
    public static final class DaemonDied extends RuntimeException {
        public DaemonDied(String effect) {
            super("the daemon died at " + effect, null, false, false);
        }
    }

    /** @throws KernelException EIO where a test asked for it */
    synchronized void make(String effect, Runnable change) throws KernelException {
        int number = begin(effect);
        if (number == failAt && !halfDone || refused.test(effect)) {
            throw new KernelException("EIO", effect, "fake", "a scripted fault");
        }
        change.run();
        if (number == dieAt) {
            dead = true;
            throw new DaemonDied(effect);
        }
        if (number == failAt) {
            throw new KernelException("EIO", effect, "fake", "a scripted fault, after the change was made");
        }
    }

    /** For effects outside the kernel that die with the daemon too, e.g. a ledger's writes. */
    public synchronized void makeElsewhere(String effect, Runnable change) {
        int number = begin(effect);
        change.run();
        if (number == dieAt) {
            dead = true;
            throw new DaemonDied(effect);
        }
    }

    synchronized void reading(String what) {
        if (dead) {
            throw new DaemonDied(what);
        }
    }

    private int begin(String effect) {
        reading(effect);
        journal.add(effect);
        return journal.size() - 1;
    }

    /** The effect with this number from 0, counted from now, fails without having changed anything. */
    public synchronized void failAt(int number) {
        journal.clear();
        failAt = number;
        halfDone = false;
    }

    /** The effect with this number from 0, counted from now, is made and fails all the same. */
    public synchronized void failAfter(int number) {
        failAt(number);
        halfDone = true;
    }

    /** The daemon dies right after the effect with this number from 0, counted from now. */
    public synchronized void dieAfter(int number) {
        journal.clear();
        dieAt = number;
    }

    /** Until {@link #mend()}, effects whose text matches fail. */
    public synchronized void refuse(Predicate<String> effects) {
        refused = effects;
    }

    public synchronized void refuse(String effectsThatBeginWith) {
        refuse(effect -> effect.startsWith(effectsThatBeginWith));
    }

    /** No more faults. */
    public synchronized void mend() {
        failAt = -1;
        dieAt = -1;
        refused = effect -> false;
    }

    public synchronized void die() {
        dead = true;
    }

    public synchronized boolean dead() {
        return dead;
    }

    /** A new daemon is there; faults are over. */
    public synchronized void revive() {
        dead = false;
        mend();
    }

    public synchronized List<String> journal() {
        return List.copyOf(journal);
    }

    public synchronized Optional<String> last() {
        return journal.isEmpty() ? Optional.empty() : Optional.of(journal.get(journal.size() - 1));
    }
}
