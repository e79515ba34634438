package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.SysException;

/** Makes the port's exception of a refused system call: {@code throw Refused.by(e)}. */
final class Refused {
    private Refused() {}

    static KernelException by(SysException e) {
        return by(e, "");
    }

    /** @param more what it means here and what to do about it */
    static KernelException by(SysException e, String more) {
        String words = e.errno().words() + (more.isEmpty() ? "" : ": " + more);
        KernelException refused = new KernelException(e.errno().name(), e.operation(), e.target(), words);
        refused.initCause(e);
        return refused;
    }
}
