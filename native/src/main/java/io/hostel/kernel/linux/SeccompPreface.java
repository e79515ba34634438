package io.hostel.kernel.linux;

import io.hostel.sys.Errno;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What libseccomp cannot say, or only at length, put before its program, whose jumps are relative.
 *
 * <ul>
 *   <li>An ioctl's number, a family and a protocol have 32 bits, and a comparison of 64 would be passed by setting one of the others.
 *   <li>Of the internet's protocols there are those that every kernel has; others are as on a kernel without them, whose modules it
 *       would load otherwise. A type alone can stand for one: SOCK_SEQPACKET for SCTP, SOCK_DCCP for DCCP; inet_create in
 *       net/ipv4/af_inet.c. SOCK_RAW is the kernel's to refuse.
 *   <li>Calls newer than the list get ENOSYS, as from an older kernel, so that programs do without.
 * </ul>
 */
final class SeccompPreface {
    private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");

    // include/uapi/linux/bpf_common.h, include/uapi/linux/seccomp.h: struct seccomp_data, of whose arguments the lower halves
    private static final int LOAD_WORD = 0x20;
    private static final int AND = 0x54;
    private static final int JUMP = 0x05;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_GREATER = 0x25;
    private static final int RETURN = 0x06;
    private static final int REFUSE = 0x00050000;
    private static final int NUMBER_AT = 0;
    private static final int ARCHITECTURE_AT = 4;
    private static final int FIRST_AT = 16;
    private static final int SECOND_AT = 24;
    private static final int THIRD_AT = 32;

    /** include/uapi/linux/audit.h: AUDIT_ARCH_AARCH64, AUDIT_ARCH_X86_64. */
    private static final int ARCHITECTURE = ARM ? 0xc00000b7 : 0xc000003e;

    private static final int IOCTL = ARM ? 29 : 16;
    private static final int SOCKET = ARM ? 198 : 41;

    /** removexattrat: what came later is not judged in the list. */
    private static final int NEWEST_KNOWN = 466;

    /** TIOCSTI types into another's terminal, TIOCLINUX does so by paste; TIOCSETD loads line disciplines. */
    private static final List<Integer> TERMINALS = List.of(0x5412, 0x541c, 0x5423);

    /**
     * FS_IOC_SETFLAGS, of 64 and 32 bits, and FS_IOC_FSSETXATTR: overlayfs passes flags on to the layer, with the host's
     * privileges. DIRSYNC makes its removal take hours, EXTENTS off and on again escapes a quota.
     */
    private static final List<Integer> INODE_FLAGS = List.of(0x40086602, 0x40046602, 0x401c5820);

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_TYPE_MASK = 0xf;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_RAW = 3;

    /** Any, ICMP, TCP, UDP, ICMPv6; include/uapi/linux/in.h. */
    private static final List<Integer> PROTOCOLS = List.of(0, 1, 6, 17, 58);

    private static final String PROGRAM = "program";
    private static final String NEXT = "";

    private final List<Instruction> instructions = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();

    /** @param ifTrue where to go on: the name of a place further down, or {@link #NEXT} */
    private record Instruction(int code, int operand, String ifTrue, String ifFalse) {
        static final int BYTES = 8;
    }

    private SeccompPreface() {}

    /** @return the program with the preface in front of it */
    static byte[] before(byte[] program) {
        SeccompPreface preface = new SeccompPreface();
        preface.write();
        return preface.assembled(program);
    }

    private void write() {
        load(ARCHITECTURE_AT);
        jump(JUMP_IF_EQUAL, ARCHITECTURE, NEXT, PROGRAM); // another's: to the program
        load(NUMBER_AT);
        jump(JUMP_IF_GREATER, NEWEST_KNOWN, "unknown", NEXT);
        jump(JUMP_IF_EQUAL, SOCKET, "socket", NEXT);
        jump(JUMP_IF_EQUAL, IOCTL, NEXT, PROGRAM);
        load(SECOND_AT);
        TERMINALS.forEach(number -> jump(JUMP_IF_EQUAL, number, "never", NEXT));
        INODE_FLAGS.forEach(number -> jump(JUMP_IF_EQUAL, number, "unsupported", NEXT));
        jump(JUMP, 0, PROGRAM, NEXT);

        place("socket");
        load(FIRST_AT);
        jump(JUMP_IF_EQUAL, AF_INET, "internet", NEXT);
        jump(JUMP_IF_EQUAL, AF_INET6, NEXT, PROGRAM);
        place("internet");
        load(SECOND_AT);
        add(new Instruction(AND, SOCK_TYPE_MASK, NEXT, NEXT));
        jump(JUMP_IF_EQUAL, SOCK_RAW, PROGRAM, NEXT);
        jump(JUMP_IF_GREATER, SOCK_DGRAM, "no protocol", NEXT);
        load(THIRD_AT);
        PROTOCOLS.forEach(number -> jump(JUMP_IF_EQUAL, number, PROGRAM, NEXT));

        refuse("no protocol", Errno.EPROTONOSUPPORT);
        refuse("never", Errno.EPERM);
        refuse("unsupported", Errno.EOPNOTSUPP);
        refuse("unknown", Errno.ENOSYS);
        place(PROGRAM);
    }

    private void load(int at) {
        add(new Instruction(LOAD_WORD, at, NEXT, NEXT));
    }

    private void jump(int code, int operand, String ifTrue, String ifFalse) {
        add(new Instruction(code, operand, ifTrue, ifFalse));
    }

    private void refuse(String place, Errno errno) {
        place(place);
        add(new Instruction(RETURN, REFUSE | errno.number(), NEXT, NEXT));
    }

    private void place(String name) {
        places.put(name, instructions.size());
    }

    private void add(Instruction instruction) {
        instructions.add(instruction);
    }

    /** {@code struct sock_filter}: jumps count instructions from the next one. */
    private byte[] assembled(byte[] program) {
        ByteBuffer all = ByteBuffer.allocate(instructions.size() * Instruction.BYTES + program.length)
                .order(ByteOrder.nativeOrder());
        for (int i = 0; i < instructions.size(); i++) {
            Instruction it = instructions.get(i);
            int ifTrue = distance(i, it.ifTrue());
            boolean always = it.code() == JUMP;
            all.putShort((short) it.code()).put((byte) (always ? 0 : ifTrue)).put((byte) distance(i, it.ifFalse()));
            all.putInt(always ? ifTrue : it.operand());
        }
        return all.put(program).array();
    }

    private int distance(int from, String to) {
        if (to.equals(NEXT)) return 0;
        Integer place = places.get(to);
        if (place == null) throw new IllegalStateException("no place " + to);
        return place - from - 1;
    }
}
