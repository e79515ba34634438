package io.hostel.sandbox;

import java.util.List;

/** Signals by name, as signal(7) numbers them on x86 and Arm. */
final class SignalName {
    private static final List<String> NAMES = List.of(
            "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
            "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
            "WINCH", "IO", "PWR", "SYS");
    private static final int FIRST_REAL_TIME = 34;

    static final int KILL = 9;
    static final int TERM = 15;
    static final int CONT = 18;

    private SignalName() {}

    /** E.g. {@code SIGKILL}, {@code SIGRTMIN+1}. */
    static String of(int number) {
        if (number >= 1 && number <= NAMES.size()) {
            return "SIG" + NAMES.get(number - 1);
        }
        return number >= FIRST_REAL_TIME ? "SIGRTMIN+" + (number - FIRST_REAL_TIME) : "SIG" + number;
    }
}
