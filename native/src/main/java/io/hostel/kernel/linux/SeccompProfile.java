package io.hostel.kernel.linux;

import static io.hostel.sys.SeccompFilter.Comparison.equal;
import static io.hostel.sys.SeccompFilter.Comparison.without;

import io.hostel.sys.Errno;
import io.hostel.sys.SeccompFilter;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * The system calls of a sandbox: those of {@code system-calls.txt}, and some only with harmless arguments. The kernel's own
 * checks stand behind it: what is allowed here is allowed to an unprivileged user, too.
 */
final class SeccompProfile {
    private static final String ALLOWED = "system-calls.txt";

    /** CLONE_NEW*, include/uapi/linux/sched.h; CLONE_NEWTIME lies among the bits that clone(2) takes for a signal. */
    private static final long NAMESPACES = 0x7e020000L;

    private static final long TIME_NAMESPACE = 0x80;

    /** AF_UNIX, AF_INET, AF_INET6; socket(2). */
    private static final List<Integer> FAMILIES = List.of(1, 2, 10);

    private static final int NETLINK_FAMILY = 16;
    private static final int NETLINK_ROUTE = 0;

    /** PER_LINUX, PER_LINUX32 and both with ADDR_NO_RANDOMIZE's elder UNAME26; and the question; personality(2). */
    private static final List<Long> PERSONALITIES = List.of(0L, 8L, 0x20000L, 0x20008L, 0xffffffffL);

    private SeccompProfile() {}

    static byte[] compile() throws SysException {
        try (SeccompFilter filter = new SeccompFilter()) {
            for (String call : allowed()) filter.allow(call);
            filter.allow("clone", without(0, NAMESPACES));
            filter.allow("unshare", without(0, NAMESPACES | TIME_NAMESPACE));
            // Its flags lie in memory, where no filter looks; ENOSYS makes libc fall back to clone.
            filter.refuse("clone3", Errno.ENOSYS);
            for (int family : FAMILIES) filter.allow("socket", equal(0, family));
            filter.allow("socket", equal(0, NETLINK_FAMILY), equal(2, NETLINK_ROUTE));
            for (long personality : PERSONALITIES) filter.allow("personality", equal(0, personality));
            filter.allow("ioctl");
            return withPreface(filter.export());
        }
    }

    static List<String> allowed() {
        try (InputStream in = SeccompProfile.class.getResourceAsStream(ALLOWED)) {
            if (in == null) throw new IllegalStateException(ALLOWED + " is not on the class path");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .flatMap(line -> Stream.of(line.strip().split("\\s+")))
                    .filter(call -> !call.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What libseccomp cannot say, put before its program, whose jumps are relative. An ioctl's number has 32 bits, and a
     * comparison of 64 would be passed by setting one of the others. Calls newer than the list get ENOSYS, as from an older
     * kernel, so that programs do without.
     */
    private static byte[] withPreface(byte[] program) {
        boolean arm = System.getProperty("os.arch", "").equals("aarch64");
        List<Instruction> preface = List.of(
                new Instruction(LOAD_WORD, 0, 0, ARCHITECTURE_AT),
                new Instruction(JUMP_IF_EQUAL, 0, 12, arm ? 0xc00000b7 : 0xc000003e), // another's: to the program
                new Instruction(LOAD_WORD, 0, 0, NUMBER_AT),
                new Instruction(JUMP_IF_GREATER, 9, 0, NEWEST_KNOWN),
                new Instruction(JUMP_IF_EQUAL, 0, 9, arm ? 29 : 16), // ioctl
                new Instruction(LOAD_WORD, 0, 0, SECOND_ARGUMENT_AT),
                new Instruction(JUMP_IF_EQUAL, 4, 0, 0x5412), // TIOCSTI: types into another's terminal
                new Instruction(JUMP_IF_EQUAL, 3, 0, 0x541c), // TIOCLINUX: the same by paste
                // FS_IOC_SETFLAGS, of 64 and 32 bits, and FS_IOC_FSSETXATTR: overlayfs passes flags on to the layer,
                // with the
                // host's privileges. DIRSYNC makes its removal take hours, EXTENTS off and on again escapes a quota.
                new Instruction(JUMP_IF_EQUAL, 3, 0, 0x40086602),
                new Instruction(JUMP_IF_EQUAL, 2, 0, 0x40046602),
                new Instruction(JUMP_IF_EQUAL, 1, 3, 0x401c5820),
                new Instruction(RETURN, 0, 0, REFUSE | Errno.EPERM.number()),
                new Instruction(RETURN, 0, 0, REFUSE | Errno.EOPNOTSUPP.number()),
                new Instruction(RETURN, 0, 0, REFUSE | Errno.ENOSYS.number()));
        ByteBuffer all = ByteBuffer.allocate(preface.size() * Instruction.BYTES + program.length)
                .order(ByteOrder.nativeOrder());
        preface.forEach(instruction -> instruction.put(all));
        return all.put(program).array();
    }

    // include/uapi/linux/bpf_common.h, include/uapi/linux/seccomp.h: struct seccomp_data
    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_GREATER = 0x25;
    private static final int RETURN = 0x06;
    private static final int NUMBER_AT = 0;
    private static final int ARCHITECTURE_AT = 4;
    private static final int SECOND_ARGUMENT_AT = 24;
    private static final int REFUSE = 0x00050000;

    /** removexattrat: what came later is not judged in the list. */
    private static final int NEWEST_KNOWN = 466;

    /** {@code struct sock_filter}: jumps count instructions from the next one. */
    private record Instruction(int code, int ifTrue, int ifFalse, int operand) {
        static final int BYTES = 8;

        void put(ByteBuffer to) {
            to.putShort((short) code).put((byte) ifTrue).put((byte) ifFalse).putInt(operand);
        }
    }
}
