package io.hostel.sys;

import java.nio.ByteBuffer;
import java.util.List;
import jnr.ffi.LibraryLoader;

/**
 * A seccomp filter, compiled by libseccomp into the bytes that seccomp(2) loads: an array of {@code struct sock_filter}.
 * Whatever no rule names is refused with EPERM, and calls of another architecture with ENOSYS.
 */
public final class SeccompFilter implements AutoCloseable {
    private static final int ALLOW = 0x7fff0000;
    private static final int REFUSE = 0x00050000;
    private static final int ATTRIBUTE_BAD_ARCHITECTURE = 2;
    private static final int ATTRIBUTE_OPTIMIZE = 8;
    private static final int BINARY_TREE = 2;
    private static final int COMPARE_EQUAL = 4;
    private static final int COMPARE_MASKED_EQUAL = 7;
    private static final int COMPARISON_BYTES = 24;

    private final Libseccomp library;
    private final long filter;
    private boolean closed;

    /** ENOSYS where libseccomp.so.2 is not installed. */
    public SeccompFilter() throws SysException {
        library = load();
        filter = library.seccomp_init(refuse(Errno.EPERM));
        if (filter == 0) throw new SysException(Errno.ENOMEM, "seccomp_init", "a filter");
        check(library.seccomp_attr_set(filter, ATTRIBUTE_BAD_ARCHITECTURE, refuse(Errno.ENOSYS)), "architecture");
        // Without it each call costs a comparison per rule, and the kernel tries the filter for every call when it is
        // loaded.
        check(library.seccomp_attr_set(filter, ATTRIBUTE_OPTIMIZE, BINARY_TREE), "optimization");
    }

    /**
     * Several rules for one call: any of them suffices.
     *
     * @param call its name or number; one that this architecture does not have is passed over
     * @param comparisons all must hold; one per argument at most
     */
    public void allow(String call, Comparison... comparisons) throws SysException {
        add(ALLOW, call, List.of(comparisons));
    }

    public void refuse(String call, Errno errno) throws SysException {
        add(refuse(errno), call, List.of());
    }

    /** The program. */
    public byte[] export() throws SysException {
        try (Fd memory = OpenFile.memory("seccomp")) {
            check(library.seccomp_export_bpf(filter, memory.number()), "export");
            ByteBuffer bytes =
                    ByteBuffer.allocate(Math.toIntExact(Stat.of(memory).bytes()));
            while (bytes.hasRemaining() && Descriptors.pread(memory, bytes, bytes.position()) > 0) {}
            return bytes.array();
        }
    }

    @Override
    public void close() {
        if (!closed) library.seccomp_release(filter);
        closed = true;
    }

    private void add(int action, String call, List<Comparison> comparisons) throws SysException {
        try (Memory memory = new Memory()) {
            int number = number(memory, call);
            if (number < 0) return;
            Memory.Block block = memory.block(COMPARISON_BYTES * comparisons.size());
            for (Comparison comparison : comparisons) {
                block.view().putInt(comparison.argument()).putInt(comparison.operator());
                block.view().putLong(comparison.first()).putLong(comparison.second());
            }
            check(
                    library.seccomp_rule_add_array(filter, action, number, comparisons.size(), block.address()),
                    "rule for " + call);
        }
    }

    private int number(Memory memory, String call) {
        return Character.isDigit(call.charAt(0))
                ? Integer.parseInt(call)
                : library.seccomp_syscall_resolve_name(memory.string(call));
    }

    private static int refuse(Errno errno) {
        return REFUSE | errno.number();
    }

    /** libseccomp returns the error, negated. */
    private static void check(int result, String target) throws SysException {
        if (result < 0) throw new SysException(Errno.of(-result), "seccomp", target);
    }

    private static Libseccomp load() throws SysException {
        try {
            return LibraryLoader.create(Libseccomp.class).failImmediately().load("libseccomp.so.2");
        } catch (UnsatisfiedLinkError e) {
            throw new SysException(Errno.ENOSYS, "load libseccomp.so.2", "(install the package libseccomp2)");
        }
    }

    /** A condition on one argument of a call, as 64 bits. */
    public record Comparison(int argument, int operator, long first, long second) {
        public static Comparison equal(int argument, long value) {
            return new Comparison(argument, COMPARE_EQUAL, value, 0);
        }

        /** Holds where none of these bits is set. */
        public static Comparison without(int argument, long bits) {
            return new Comparison(argument, COMPARE_MASKED_EQUAL, bits, 0);
        }
    }

    /** Public for jnr-ffi, which implements it in a class loader of its own. */
    public interface Libseccomp {
        long seccomp_init(int action);

        void seccomp_release(long filter);

        int seccomp_attr_set(long filter, int attribute, int value);

        int seccomp_syscall_resolve_name(long name);

        int seccomp_rule_add_array(long filter, int action, int call, int count, long comparisons);

        int seccomp_export_bpf(long filter, int fd);
    }
}
