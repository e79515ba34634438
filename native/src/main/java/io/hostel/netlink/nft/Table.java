package io.hostel.netlink.nft;

import io.hostel.netlink.Attributes;
import io.hostel.netlink.Message;
import io.hostel.netlink.Payload;
import io.hostel.netlink.Request;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Messages about one table and all that is in it. Those that change something belong in a {@link Batch}. */
public record Table(Family family, String name) {
    static final int SUBSYSTEM = 10 << 8;
    static final int HEADER = 4;

    private static final int NEWTABLE = SUBSYSTEM;
    private static final int GETTABLE = SUBSYSTEM | 1;
    private static final int DELTABLE = SUBSYSTEM | 2;
    private static final int NEWCHAIN = SUBSYSTEM | 3;
    private static final int GETCHAIN = SUBSYSTEM | 4;
    private static final int NEWRULE = SUBSYSTEM | 6;
    private static final int GETRULE = SUBSYSTEM | 7;
    private static final int NEWSET = SUBSYSTEM | 9;
    private static final int GETSET = SUBSYSTEM | 10;
    private static final int NEWSETELEM = SUBSYSTEM | 12;
    private static final int GETSETELEM = SUBSYSTEM | 13;
    private static final int DELSETELEM = SUBSYSTEM | 14;
    private static final int NEWGEN = SUBSYSTEM | 15;
    private static final int NEWOBJ = SUBSYSTEM | 18;
    /** NFT_OBJECT_CT_TIMEOUT. */
    static final int CT_TIMEOUT = 7;
    private static final int TABLE_USERDATA = 6;
    private static final int SET_INTERVAL = 4;
    private static final int SET_MAP = 8;
    private static final int SET_EVAL = 0x20;
    /** An attribute's length has 16 bits, and the elements of a message are one attribute. */
    private static final int MOST_ELEMENT_BYTES = 48 << 10;

    private static final int SET_USERDATA = 13;
    private static final int UDATA_COMMENT = 0;
    private static final int UDATA_KEY_BYTE_ORDER = 0;
    private static final int UDATA_VALUE_BYTE_ORDER = 1;

    /** Multicast group of all changes: NFNLGRP_NFTABLES in linux/netfilter/nfnetlink.h. */
    public static final int NFNLGRP_NFTABLES = 7;

    /** Whether a message of {@link #NFNLGRP_NFTABLES} tells of this table or of what is in it; of any family. */
    public boolean isIn(Message notification) {
        // In messages about tables, chains, rules, sets and elements alike the first attribute names the table.
        return (notification.type() & 0xff00) == SUBSYSTEM
                && notification.type() != NEWGEN
                && notification
                        .attributes(HEADER)
                        .string(1)
                        .filter(name::equals)
                        .isPresent();
    }

    /** @param comment at most 127 characters */
    public Request create(String comment) {
        byte[] text = comment.getBytes(StandardCharsets.UTF_8);
        byte[] userdata = Arrays.copyOf(new byte[] {UDATA_COMMENT, (byte) (text.length + 1)}, text.length + 3);
        System.arraycopy(text, 0, userdata, 2, text.length);
        Payload body = header().string(1, name).be32(2, 0).attribute(TABLE_USERDATA, userdata);
        return new Request(NEWTABLE, Request.CREATE, body, "create " + this);
    }

    /** With all that is in it; ENOENT where there is none. */
    public Request delete() {
        return new Request(DELTABLE, 0, header().string(1, name), "delete " + this);
    }

    /** ENOENT where there is none. */
    public Request look() {
        return new Request(GETTABLE, 0, header().string(1, name), "look up " + this);
    }

    /** For a dump of the tables of a family. */
    public static Request all(Family family) {
        return new Request(GETTABLE, 0, header(family), "list the tables of " + family);
    }

    /** Name of a table in a dump. */
    public static String nameOfTable(Message table) {
        return table.attributes(HEADER).string(1).orElse("");
    }

    /** The comment in an answer to {@link #look}. */
    public static Optional<String> comment(Message table) {
        return table.attributes(HEADER)
                .bytes(TABLE_USERDATA)
                .filter(b -> b.length > 2 && b[0] == UDATA_COMMENT && b.length >= 2 + (b[1] & 0xff))
                .map(b -> new String(b, 2, (b[1] & 0xff) - 1, StandardCharsets.UTF_8));
    }

    /** A chain that packets come to from others only. */
    public Request chain(String chain) {
        Payload body = header().string(1, name).string(3, chain);
        return new Request(NEWCHAIN, Request.CREATE, body, "create chain " + chain + " in " + this);
    }

    /** A chain that packets enter at a hook; what no rule decides is accepted. */
    public Request baseChain(String chain, BaseChain.Type type, BaseChain.Hook hook, int priority) {
        Payload body = header().string(1, name)
                .string(3, chain)
                .nest(4, h -> h.be32(1, hook.ordinal()).be32(2, priority))
                .be32(5, BaseChain.ACCEPT)
                .string(7, type.toString());
        return new Request(NEWCHAIN, Request.CREATE, body, "create chain " + chain + " in " + this);
    }

    /** For a dump of the chains of a family's tables. */
    public static Request chains(Family family) {
        return new Request(GETCHAIN, 0, header(family), "list the chains of " + family);
    }

    /** ENOENT where there is none. */
    public Request lookForChain(String chain) {
        Payload body = header().string(1, name).string(3, chain);
        return new Request(GETCHAIN, 0, body, "look up chain " + chain + " in " + this);
    }

    /** Appends a rule to a chain. */
    public Request rule(String chain, Rule rule) {
        Payload body = header().string(1, name).string(2, chain).nest(4, rule::write);
        return new Request(
                NEWRULE, Request.CREATE | Request.APPEND, body, "add a rule to chain " + chain + " in " + this);
    }

    /** For a dump of the table's rules. */
    public Request rules() {
        return new Request(GETRULE, 0, header().string(1, name), "list the rules of " + this);
    }

    /** Name of the chain of a rule in a dump. */
    public static String chainOf(Message rule) {
        return rule.attributes(HEADER).string(2).orElse("");
    }

    /** Name of a chain in a dump. */
    public static String nameOfChain(Message chain) {
        return chain.attributes(HEADER).string(3).orElse("");
    }

    /** Whether the request adds a rule to this table. */
    public boolean isRule(Request request) {
        return request.type() == NEWRULE
                && request.body()[0] == family.number()
                && Attributes.of(request.body(), HEADER).string(1).equals(Optional.of(name));
    }

    public Request set(String set, SetType key) {
        return set(set, 0, key, Optional.empty());
    }

    /** A set of intervals, written as {@link Intervals} has them. */
    public Request intervalSet(String set, SetType key) {
        return set(set, SET_INTERVAL, key, Optional.empty());
    }

    /**
     * A set that packets fill with what they count. It loses a key some time after the last of its connections.
     *
     * @param size keys at most; what finds no room is not counted
     */
    public Request countingSet(String set, SetType key, int size) {
        return set(set, SET_EVAL, key, Optional.empty(), size);
    }

    public Request map(String map, SetType key, SetType value) {
        return set(map, SET_MAP, key, Optional.of(value));
    }

    private Request set(String set, int flags, SetType key, Optional<SetType> value) {
        return set(set, flags, key, value, 0);
    }

    private Request set(String set, int flags, SetType key, Optional<SetType> value, int size) {
        Payload body = header().string(1, name)
                .string(2, set)
                .be32(3, flags)
                .be32(4, key.number())
                .be32(5, key.length());
        value.ifPresent(v -> body.be32(6, v.number()).be32(7, v.length()));
        if (size > 0) body.nest(9, d -> d.be32(1, size));
        // The identifier only has to be there: rules name the set, so nothing refers to it.
        body.be32(10, 1);
        ByteArrayOutputStream userdata = new ByteArrayOutputStream();
        note(userdata, UDATA_KEY_BYTE_ORDER, key.byteOrder());
        value.ifPresent(v -> note(userdata, UDATA_VALUE_BYTE_ORDER, v.byteOrder()));
        body.attribute(SET_USERDATA, userdata.toByteArray());
        return new Request(NEWSET, Request.CREATE, body, "create set " + set + " in " + this);
    }

    /** What nft(8) notes for itself: type, length, value. */
    private static void note(ByteArrayOutputStream userdata, int type, int value) {
        userdata.write(type);
        userdata.write(4);
        userdata.writeBytes(Expression.word(value));
    }

    /**
     * For how long connections may be idle, in the states that are named; in others, for as long as the machine's settings say.
     *
     * @param protocol {@link Rule#TCP} or {@link Rule#UDP}, of IPv4
     * @param seconds by state: CTA_TIMEOUT_TCP_… and CTA_TIMEOUT_UDP_… of linux/netfilter/nfnetlink_cttimeout.h
     */
    public Request timeout(String object, int protocol, SortedMap<Integer, Integer> seconds) {
        byte[] ip = {0, (byte) Family.IP.number()};
        Payload body = header().string(1, name)
                .string(2, object)
                .be32(3, CT_TIMEOUT)
                .nest(4, timeout -> timeout.attribute(1, ip)
                        .u8(2, protocol)
                        .nest(3, states -> seconds.forEach(states::be32)));
        return new Request(NEWOBJ, Request.CREATE, body, "create timeout " + object + " in " + this);
    }

    /** An element that is there already stays; EBUSY or EEXIST where a map has another value for its key. */
    public List<Request> add(String set, List<Element> elements) {
        return elements(NEWSETELEM, Request.CREATE, "add to ", set, elements, Element::write);
    }

    /** ENOENT where one of them is not there. */
    public List<Request> delete(String set, List<Element> elements) {
        return elements(DELSETELEM, 0, "delete from ", set, elements, Element::writeKey);
    }

    /** Asks for one element; ENOENT where it is not there. */
    public Request look(String set, byte[] key) {
        return elements(GETSETELEM, 0, "look into ", set, List.of(Element.of(key)), Element::writeKey)
                .get(0);
    }

    /** ENOENT where there is none. */
    public Request lookForSet(String set) {
        return new Request(
                GETSET, 0, header().string(1, name).string(2, set), "look up set " + set + " in " + this);
    }

    /** For a dump of a set's elements. */
    public Request elements(String set) {
        Payload body = header().string(1, name).string(2, set);
        return new Request(GETSETELEM, 0, body, "list the elements of set " + set + " in " + this);
    }

    private List<Request> elements(
            int type, int flags, String verb, String set, List<Element> elements, Writer writer) {
        List<Request> requests = new ArrayList<>();
        int next = 0;
        while (next < elements.size()) {
            Payload list = new Payload();
            while (next < elements.size() && list.length() < MOST_ELEMENT_BYTES) {
                writer.write(elements.get(next++), list);
            }
            Payload body = header().string(1, name).string(2, set).attribute(3 | 1 << 15, list.toBytes());
            requests.add(new Request(type, flags, body, verb + "set " + set + " in " + this));
        }
        return requests;
    }

    private Payload header() {
        return header(family);
    }

    /** struct nfgenmsg. */
    private static Payload header(Family family) {
        return new Payload().u8(family.number()).u8(0).be16(0);
    }

    private interface Writer {
        void write(Element element, Payload to);
    }

    /** As nft(8) writes it. */
    @Override
    public String toString() {
        return "table " + family + " " + name;
    }
}
