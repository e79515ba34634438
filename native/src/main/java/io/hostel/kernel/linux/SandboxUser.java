package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Errno;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who a command runs as: {@code uid} or {@code uid:gid}, numbers inside. A uid alone brings the gid of the same number. */
record SandboxUser(int uid, int gid) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,5})(?::([0-9]{1,5}))?");
    private static final int LAST = 65_534;

    static SandboxUser parse(String user) throws KernelException {
        Matcher matcher = FORM.matcher(user);
        if (!matcher.matches()) throw refused(user);
        int uid = Integer.parseInt(matcher.group(1));
        int gid = matcher.group(2) == null ? uid : Integer.parseInt(matcher.group(2));
        if (uid > LAST || gid > LAST) throw refused(user);
        return new SandboxUser(uid, gid);
    }

    private static KernelException refused(String user) {
        return new KernelException(
                Errno.EINVAL.name(), "run as", "user " + user, "write UID or UID:GID, numbers up to " + LAST);
    }
}
