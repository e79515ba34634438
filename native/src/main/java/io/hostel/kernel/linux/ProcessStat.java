package io.hostel.kernel.linux;

import io.hostel.sys.KernelFile;
import io.hostel.sys.SysException;
import java.util.Optional;

/**
 * What is read from /proc/PID/stat, proc(5).
 *
 * @param state one letter; Z and X have ended, T and t are stopped
 * @param startTicks clock ticks since the boot
 */
record ProcessStat(char state, int parent, long startTicks) {
    // Counted from the field after the name, which is the third.
    private static final int STATE = 0;
    private static final int PARENT = 1;
    private static final int START = 19;

    /** Empty where there is no such process. */
    static Optional<ProcessStat> read(int pid) {
        try {
            return Optional.of(parse(KernelFile.read("/proc/" + pid + "/stat")));
        } catch (SysException e) {
            // ENOENT, or ESRCH where it ended between open and read.
            return Optional.empty();
        }
    }

    /** The name stands in parentheses and may hold spaces and parentheses itself: fields count from the last one. */
    static ProcessStat parse(String line) {
        String[] fields = line.substring(line.lastIndexOf(')') + 2).strip().split(" ", -1);
        return new ProcessStat(
                fields[STATE].charAt(0), Integer.parseInt(fields[PARENT]), Long.parseLong(fields[START]));
    }

    boolean stopped() {
        return state == 'T' || state == 't';
    }

    boolean ended() {
        return state == 'Z' || state == 'X';
    }
}
