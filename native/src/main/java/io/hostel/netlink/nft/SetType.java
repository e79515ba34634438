package io.hostel.netlink.nft;

import java.util.List;

/**
 * What a set's keys or a map's values are made of. Numbers and sizes are nft(8)'s own, so that it can show them.
 *
 * @param number several are joined, six bits each
 * @param length bytes, each part padded to four when there are several
 * @param byteOrder as nft(8) notes it for itself, to know how to show a number
 */
public record SetType(int number, int length, int byteOrder) {
    private static final int MIXED = 0;
    private static final int MACHINES = 1;
    private static final int BIG_ENDIAN = 2;

    public static final SetType IPV4_ADDRESS = new SetType(7, 4, BIG_ENDIAN);
    public static final SetType ETHER_ADDRESS = new SetType(9, 6, BIG_ENDIAN);
    public static final SetType INET_PROTOCOL = new SetType(12, 1, BIG_ENDIAN);
    public static final SetType INET_SERVICE = new SetType(13, 2, BIG_ENDIAN);
    public static final SetType MARK = new SetType(19, 4, MACHINES);
    public static final SetType INTERFACE_NAME = new SetType(41, 16, MACHINES);
    /** NFT_DATA_VERDICT. */
    public static final SetType VERDICT = new SetType(0xffffff00, 0, MIXED);

    public static SetType of(SetType... parts) {
        int number = 0;
        int length = 0;
        for (SetType part : List.of(parts)) {
            number = number << 6 | part.number;
            length += part.length + 3 & ~3;
        }
        return new SetType(number, length, MIXED);
    }
}
