package io.hostel.netlink.nft;

import io.hostel.netlink.Message;
import io.hostel.netlink.NetlinkException;
import io.hostel.netlink.NetlinkSocket;
import io.hostel.netlink.Payload;
import io.hostel.netlink.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Changes that take effect all together or not at all: net/netfilter/nfnetlink.c. */
public final class Batch {
    private static final int BEGIN = 16;
    private static final int END = 17;
    private static final int SUBSYSTEM_NFTABLES = 10;

    private final List<Request> requests = new ArrayList<>();

    public Batch add(Request request) {
        requests.add(request);
        return this;
    }

    public Batch add(List<Request> more) {
        requests.addAll(more);
        return this;
    }

    public boolean isEmpty() {
        return requests.isEmpty();
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** @throws NetlinkException the first refusal; then nothing has changed */
    public void commit(NetlinkSocket socket) throws NetlinkException {
        if (requests.isEmpty()) return;
        List<Request> all = new ArrayList<>();
        all.add(frame(BEGIN));
        all.addAll(requests);
        // One acknowledgement, for the last change, is enough: refusals come without being asked for.
        int last = requests.size();
        all.set(last, all.get(last).with(Request.ACK));
        all.add(frame(END));
        int first = socket.send(all);
        Optional<NetlinkException> refusal = Optional.empty();
        boolean through = false;
        while (!through) {
            String purpose = requests.get(0).purpose();
            List<Message> messages = socket.receive(purpose);
            // When the commit itself fails, the refusal of BEGIN comes first and acknowledgements may follow.
            while (!messages.isEmpty()) {
                for (Message message : messages) {
                    int index = message.sequence() - first;
                    if (!message.isAnswer() || index < 0 || index >= all.size()) continue;
                    if (message.error() != 0 && refusal.isEmpty()) {
                        refusal = Optional.of(refusal(message, index, last));
                    }
                    through |= index == last || index == 0 && message.error() != 0;
                }
                messages = refusal.isPresent() ? socket.receive(purpose, Duration.ZERO) : List.of();
            }
        }
        if (refusal.isPresent()) throw refusal.get();
    }

    private NetlinkException refusal(Message message, int index, int last) {
        boolean whole = index == 0 || index > last;
        String purpose = whole
                ? "commit a batch that begins with: " + requests.get(0).purpose()
                : requests.get(index - 1).purpose();
        return new NetlinkException(message.errno(), purpose, message.words());
    }

    private static Request frame(int type) {
        return new Request(type, 0, new Payload().u8(0).u8(0).be16(SUBSYSTEM_NFTABLES), "batch");
    }
}
