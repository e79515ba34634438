package io.hostel.sandbox;

import io.hostel.kernel.KernelException;
import java.io.IOException;
import java.util.function.Function;

/** How a job on the kernel dispatcher went: no exception leaves it. */
sealed interface Outcome<T> {

    record Done<T>(T value) implements Outcome<T> {}

    /**
     * @param operation the kernel operation that failed, e.g. {@code exec}; otherwise empty
     * @param why for people, tenants among them: {@link TenantWords}
     */
    record Trouble<T>(String operation, String why) implements Outcome<T> {}

    /** Work that may be refused by the kernel or the disk. */
    interface Work<T> {
        T make() throws KernelException, IOException;
    }

    static <T> Outcome<T> of(Work<T> work) {
        try {
            return new Done<>(work.make());
        } catch (KernelException e) {
            return new Trouble<>(e.operation(), TenantWords.of(e));
        } catch (IOException | RuntimeException e) {
            return trouble(e);
        }
    }

    static <T> Outcome<T> trouble(Throwable e) {
        return new Trouble<>("", TenantWords.of(e.toString()));
    }

    default <R> R fold(Function<T, R> done, Function<Trouble<T>, R> trouble) {
        return this instanceof Done<T> d ? done.apply(d.value()) : trouble.apply((Trouble<T>) this);
    }
}
