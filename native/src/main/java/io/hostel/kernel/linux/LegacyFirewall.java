package io.hostel.kernel.linux;

import io.hostel.sys.Errno;
import io.hostel.sys.Fd;
import io.hostel.sys.KernelFile;
import io.hostel.sys.Sockets;
import io.hostel.sys.SysException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The firewall that {@code iptables-legacy} writes, which nf_tables does not show: its table {@code filter} is asked for by
 * getsockopt(2), include/uapi/linux/netfilter_ipv4/ip_tables.h. Of use is only what its chain FORWARD does with what no rule
 * decides, and whether a rule speaks of our bridges.
 */
final class LegacyFirewall {
    private static final String TABLE = "filter";
    private static final int IPT_SO_GET_INFO = 64;
    private static final int IPT_SO_GET_ENTRIES = 65;
    private static final int NF_INET_FORWARD = 2;

    // struct ipt_getinfo: name, valid hooks, where each hook's rules begin, where its policy stands, and how much there
    // is.
    private static final int NAME_BYTES = 32;
    private static final int INFO_BYTES = 84;
    private static final int UNDERFLOW = NAME_BYTES + 4 + 5 * 4;
    private static final int SIZE = INFO_BYTES - 4;

    /** Of struct ipt_get_entries: name and size, padded. */
    private static final int HEAD_BYTES = 40;

    // struct ipt_entry has the offset of its target; struct xt_standard_target has a header before the verdict.
    private static final int TARGET_OFFSET = 88;
    private static final int VERDICT = 32;

    /** The verdict NF_DROP as a target has it: {@code -NF_DROP - 1}. */
    private static final int DROP = -1;

    /** Between the two questions somebody may change the table: EAGAIN. */
    private static final int ATTEMPTS = 5;

    private LegacyFirewall() {}

    /**
     * Of the calling thread's network namespace.
     *
     * @param names that rules speak of where it has been mended
     * @return the chain that a rule belongs into; empty where nothing is dropped, or has been mended
     */
    static Optional<String> blocking(List<String> names) throws SysException {
        if (!inUse()) return Optional.empty();
        try (Fd socket = Sockets.ipv4()) {
            for (int attempt = 1; ; attempt++) {
                try {
                    return blocking(socket, names);
                } catch (SysException e) {
                    if (!e.is(Errno.EAGAIN) || attempt == ATTEMPTS) throw e;
                }
            }
        }
    }

    /** Looked up first, since a question for a table makes it where the kernel can. */
    private static boolean inUse() throws SysException {
        try {
            return KernelFile.read("/proc/thread-self/net/ip_tables_names")
                    .lines()
                    .anyMatch(TABLE::equals);
        } catch (SysException e) {
            if (e.is(Errno.ENOENT)) return false;
            throw e;
        }
    }

    private static Optional<String> blocking(Fd socket, List<String> names) throws SysException {
        ByteBuffer question = ofTable(INFO_BYTES);
        ByteBuffer info = inOrder(Sockets.option(socket, Sockets.SOL_IP, IPT_SO_GET_INFO, question.array()));
        int bytes = info.getInt(SIZE);
        question = ofTable(HEAD_BYTES + bytes).putInt(NAME_BYTES, bytes);
        ByteBuffer entries = inOrder(Sockets.option(socket, Sockets.SOL_IP, IPT_SO_GET_ENTRIES, question.array()));
        int policy = HEAD_BYTES + info.getInt(UNDERFLOW + 4 * NF_INET_FORWARD);
        int target = policy + Short.toUnsignedInt(entries.getShort(policy + TARGET_OFFSET));
        if (entries.getInt(target + VERDICT) != DROP) return Optional.empty();
        String text = new String(entries.array(), StandardCharsets.ISO_8859_1);
        if (names.stream().allMatch(text::contains)) return Optional.empty();
        return Optional.of(text.contains("DOCKER-USER\0") ? "DOCKER-USER" : "FORWARD");
    }

    private static ByteBuffer ofTable(int bytes) {
        return inOrder(new byte[bytes]).put(0, TABLE.getBytes(StandardCharsets.US_ASCII));
    }

    private static ByteBuffer inOrder(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }
}
