package io.hostel.kernel.linux;

import static io.hostel.sys.SeccompFilter.Comparison.equal;
import static io.hostel.sys.SeccompFilter.Comparison.without;

import io.hostel.sys.Errno;
import io.hostel.sys.SeccompFilter;
import io.hostel.sys.SysException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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

    /** AF_UNIX, AF_INET, AF_INET6; socket(2). Their protocols are judged by {@link SeccompPreface}. */
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
            // The kernel makes a socket of whatever kind, and loads its module, before it says that there are no pairs.
            filter.allow("socketpair", equal(0, FAMILIES.get(0)));
            for (long personality : PERSONALITIES) filter.allow("personality", equal(0, personality));
            filter.allow("ioctl");
            return SeccompPreface.before(filter.export());
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
}
