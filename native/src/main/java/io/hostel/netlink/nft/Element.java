package io.hostel.netlink.nft;

import io.hostel.netlink.Attributes;
import io.hostel.netlink.Message;
import io.hostel.netlink.Payload;
import java.util.List;
import java.util.Optional;

/**
 * An element of a set or map.
 *
 * @param key see {@link Key}
 * @param value of a map, unless its values are verdicts
 * @param verdict of a map of verdicts
 * @param ends in a set of intervals: the first key after one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Element(byte[] key, Optional<byte[]> value, Optional<Verdict> verdict, boolean ends) {
    private static final int HEADER = 4;
    private static final int LIST_ELEMENTS = 3;
    private static final int KEY = 1;
    private static final int DATA = 2;
    private static final int FLAGS = 3;
    private static final int INTERVAL_END = 1;
    private static final int DATA_VALUE = 1;
    private static final int DATA_VERDICT = 2;

    public static Element of(byte[] key) {
        return new Element(key, Optional.empty(), Optional.empty(), false);
    }

    public static Element of(byte[] key, byte[] value) {
        return new Element(key, Optional.of(value), Optional.empty(), false);
    }

    public static Element of(byte[] key, Verdict verdict) {
        return new Element(key, Optional.empty(), Optional.of(verdict), false);
    }

    public static Element end(byte[] key) {
        return new Element(key, Optional.empty(), Optional.empty(), true);
    }

    /** Elements in an answer or a dump's message. */
    public static List<Element> in(Message message) {
        return message.attributes(HEADER).nested(LIST_ELEMENTS).all().stream()
                .map(Attributes.Attribute::nested)
                .filter(e -> e.bytes(KEY).isPresent())
                .map(Element::read)
                .toList();
    }

    private static Element read(Attributes element) {
        Attributes data = element.nested(DATA);
        Attributes verdict = data.nested(DATA_VERDICT);
        return new Element(
                element.nested(KEY).bytes(DATA_VALUE).orElse(new byte[0]),
                data.bytes(DATA_VALUE),
                verdict.be32(1).map(code -> new Verdict(code, verdict.string(2))),
                (element.be32(FLAGS).orElse(0) & INTERVAL_END) != 0);
    }

    void write(Payload to) {
        to.nest(1, e -> {
            if (ends) e.be32(FLAGS, INTERVAL_END);
            e.nest(KEY, k -> k.attribute(DATA_VALUE, key));
            value.ifPresent(v -> e.nest(DATA, d -> d.attribute(DATA_VALUE, v)));
            verdict.ifPresent(v -> e.nest(DATA, d -> Expression.writeVerdict(d, v)));
        });
    }

    void writeKey(Payload to) {
        to.nest(1, e -> e.nest(KEY, k -> k.attribute(DATA_VALUE, key)));
    }
}
