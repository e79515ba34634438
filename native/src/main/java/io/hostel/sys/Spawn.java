package io.hostel.sys;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A new process by posix_spawn(3): no copy of the JVM's page tables is made, whatever its size. The child starts with an empty
 * signal mask and every signal's default action, because a JVM thread's blocked and ignored signals would be inherited, and
 * with exactly the descriptors that are given here: the JDK opens files without close-on-exec, so the rest is closed. Of 0, 1
 * and 2 those that are not given are /dev/null.
 */
public final class Spawn {
    private static final short SETSIGDEF = 0x04;
    private static final short SETSIGMASK = 0x08;
    private static final short SETSID = 0x80;
    // glibc 2.36 on x86_64: 80 and 336; there is room for more.
    private static final int ACTIONS_BYTES = 512;
    private static final int ATTRIBUTES_BYTES = 1024;
    private static final int SIGNAL_SET_BYTES = 128;
    private static final int STANDARD_DESCRIPTORS = 3;

    private final String program;
    private final List<String> arguments;
    private final List<String> environment;
    private final Map<Integer, Fd> descriptors = new TreeMap<>();
    private boolean session;

    /**
     * @param program its path, not searched for
     * @param arguments the program's own name included
     * @param environment {@code KEY=value}; nothing is inherited
     */
    public Spawn(String program, List<String> arguments, List<String> environment) {
        this.program = program;
        this.arguments = List.copyOf(arguments);
        this.environment = List.copyOf(environment);
    }

    /** In the child the descriptor has this number. It stays the caller's to close. */
    public Spawn descriptor(Fd fd, int number) {
        descriptors.put(number, fd);
        return this;
    }

    /** The child leads a session of its own, so that no terminal's signal reaches it. */
    public Spawn ownSession() {
        session = true;
        return this;
    }

    /** The child's process number. It is this process's child: somebody must wait for it, see {@link Pidfd#await}. */
    public int start() throws SysException {
        Libc libc = Libc.LIBC;
        List<Fd> sources = new ArrayList<>();
        try (Memory memory = new Memory()) {
            long actions = memory.block(ACTIONS_BYTES).address();
            long attributes = memory.block(ATTRIBUTES_BYTES).address();
            succeed(libc.posix_spawn_file_actions_init(actions));
            try {
                succeed(libc.posix_spawnattr_init(attributes));
                try {
                    place(memory, actions, sources);
                    signals(memory, attributes);
                    Memory.Block pid = memory.block(4);
                    succeed(libc.posix_spawn(
                            pid.address(),
                            memory.string(program),
                            actions,
                            attributes,
                            memory.strings(arguments),
                            memory.strings(environment),
                            0));
                    return pid.view().getInt(0);
                } finally {
                    libc.posix_spawnattr_destroy(attributes);
                }
            } finally {
                libc.posix_spawn_file_actions_destroy(actions);
            }
        } finally {
            sources.forEach(Fd::close);
        }
    }

    /** Sources first get numbers above all targets, so that putting one in its place never overwrites another. */
    private void place(Memory memory, long actions, List<Fd> sources) throws SysException {
        int beyond = descriptors.keySet().stream().reduce(STANDARD_DESCRIPTORS - 1, Math::max) + 1;
        for (int number = 0; number < beyond; number++) {
            Fd given = descriptors.get(number);
            if (given != null) {
                Fd source = Descriptors.duplicate(given, beyond);
                sources.add(source);
                succeed(Libc.LIBC.posix_spawn_file_actions_adddup2(actions, source.number(), number));
            } else if (number < STANDARD_DESCRIPTORS) {
                long path = memory.string("/dev/null");
                succeed(Libc.LIBC.posix_spawn_file_actions_addopen(actions, number, path, OpenFile.READ_WRITE, 0));
            } else {
                succeed(Libc.LIBC.posix_spawn_file_actions_addclose(actions, number));
            }
        }
        succeed(Libc.LIBC.posix_spawn_file_actions_addclosefrom_np(actions, beyond));
    }

    private void signals(Memory memory, long attributes) throws SysException {
        Memory.Block none = memory.block(SIGNAL_SET_BYTES);
        succeed(Libc.LIBC.posix_spawnattr_setsigmask(attributes, none.address()));
        Memory.Block all = memory.block(SIGNAL_SET_BYTES);
        // 1..64 without KILL and STOP, which have no action to set, and without 32 and 33, glibc's own, which it
        // leaves ignored in the child: a program that runs others' code puts them back by rt_sigaction(2).
        all.view().putLong(0, ~(1L << 8 | 1L << 18 | 1L << 31 | 1L << 32));
        succeed(Libc.LIBC.posix_spawnattr_setsigdefault(attributes, all.address()));
        short flags = (short) (SETSIGDEF | SETSIGMASK | (session ? SETSID : 0));
        succeed(Libc.LIBC.posix_spawnattr_setflags(attributes, flags));
    }

    /** These functions return the error instead of leaving it in errno. */
    private void succeed(int result) throws SysException {
        if (result != 0) throw new SysException(Errno.of(result), "spawn", program);
    }
}
