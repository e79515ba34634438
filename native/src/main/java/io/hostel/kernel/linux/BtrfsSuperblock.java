package io.hostel.kernel.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Gives a copy of a btrfs file system an identity of its own: the kernel takes two with equal ones for one. Trees keep the
 * original's, which becomes the metadata identity; struct btrfs_super_block in include/uapi/linux/btrfs_tree.h.
 */
final class BtrfsSuperblock {
    static final int BYTES = 4096;

    /** Where a file system has it and its mirrors, as far as it is large enough. */
    static final long[] OFFSETS = {64L << 10, 64L << 20, 256L << 30};

    private static final int CHECKSUM = 0;
    private static final int CHECKED_FROM = 32;
    private static final int FSID = 32;
    private static final int MAGIC = 64;
    private static final int INCOMPAT_FLAGS = 188;
    private static final int CHECKSUM_TYPE = 196;
    private static final int METADATA_UUID = 571;
    private static final int UUID_BYTES = 16;
    private static final long HAS_METADATA_UUID = 0x400;
    private static final long MAGIC_VALUE = 0x4D5F53665248425FL; // _BHRfS_M

    private BtrfsSuperblock() {}

    /** @param block one superblock, changed in place; dev_item.fsid in it goes on being the metadata identity */
    static void renew(byte[] block, UUID identity) {
        ByteBuffer view = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
        if (view.getLong(MAGIC) != MAGIC_VALUE) throw new IllegalArgumentException("not a btrfs superblock");
        if (view.getShort(CHECKSUM_TYPE) != 0) throw new IllegalArgumentException("its checksum is not crc32c");
        long flags = view.getLong(INCOMPAT_FLAGS);
        if ((flags & HAS_METADATA_UUID) == 0) {
            System.arraycopy(block, FSID, block, METADATA_UUID, UUID_BYTES);
            view.putLong(INCOMPAT_FLAGS, flags | HAS_METADATA_UUID);
        }
        ByteBuffer fsid = ByteBuffer.wrap(block, FSID, UUID_BYTES);
        fsid.putLong(identity.getMostSignificantBits()).putLong(identity.getLeastSignificantBits());
        CRC32C checksum = new CRC32C();
        checksum.update(block, CHECKED_FROM, BYTES - CHECKED_FROM);
        view.putInt(CHECKSUM, (int) checksum.getValue());
    }
}
