package io.hostel.kernel.linux;

import io.hostel.kernel.KernelException;
import io.hostel.sys.Sockets;
import io.hostel.sys.SysException;
import java.nio.charset.StandardCharsets;

/** Where a service manager hears from the service that it started: sd_notify(3). */
public final class NotifySocket {
    private final String address;

    /** @param address what NOTIFY_SOCKET holds: a path, or {@code @} and a name of the abstract namespace */
    public NotifySocket(String address) {
        this.address = address;
    }

    /**
     * Sends one message.
     *
     * @param assignments {@code KEY=value}, e.g. {@code READY=1}; no value holds a line's end
     * @throws KernelException where nobody hears it
     */
    public void send(String... assignments) throws KernelException {
        try {
            Sockets.sendTo(address, String.join("\n", assignments).getBytes(StandardCharsets.UTF_8));
        } catch (SysException e) {
            throw Refused.by(e);
        } catch (IllegalArgumentException e) {
            throw new KernelException("EINVAL", "notify", "the service manager", String.valueOf(e.getMessage()));
        }
    }
}
