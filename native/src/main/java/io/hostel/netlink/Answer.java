package io.hostel.netlink;

import io.hostel.sys.Errno;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel said to one request.
 *
 * @param messages what it asked for, if it asked for something
 */
public record Answer(Request request, List<Message> messages, Optional<NetlinkException> refusal) {
    public Answer {
        messages = List.copyOf(messages);
    }

    /** The first message asked for, or nothing where the kernel refuses with one of these. */
    public Optional<Message> unless(Errno... absent) throws NetlinkException {
        expect(absent);
        return messages.stream().findFirst();
    }

    /** @param tolerated refusals that are as good as success */
    public void expect(Errno... tolerated) throws NetlinkException {
        if (refusal.isEmpty()) return;
        for (Errno errno : tolerated) if (refusal.get().is(errno)) return;
        throw refusal.get();
    }
}
