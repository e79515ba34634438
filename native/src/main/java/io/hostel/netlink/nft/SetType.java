package io.hostel.netlink.nft;

import java.util.List;

/**
 * What a set's keys or a map's values are made of. Numbers and sizes are nft(8)'s own, so that it can show them.
 *
 * @param number several are joined, six bits each
 * @param length bytes, each part padded to four when there are several
 */
public record SetType(int number, int length) {
    public static final SetType IPV4_ADDRESS = new SetType(7, 4);
    public static final SetType ETHER_ADDRESS = new SetType(9, 6);
    public static final SetType INET_SERVICE = new SetType(13, 2);
    public static final SetType MARK = new SetType(19, 4);
    public static final SetType INTERFACE_NAME = new SetType(41, 16);
    /** NFT_DATA_VERDICT. */
    public static final SetType VERDICT = new SetType(0xffffff00, 0);

    public static SetType of(SetType... parts) {
        int number = 0;
        int length = 0;
        for (SetType part : List.of(parts)) {
            number = number << 6 | part.number;
            length += part.length + 3 & ~3;
        }
        return new SetType(number, length);
    }
}
