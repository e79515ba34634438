package io.hostel.kernel.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BtrfsSuperblockTest {
    private static final UUID ORIGINAL = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final UUID FIRST = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final UUID SECOND = UUID.fromString("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");

    @Test
    void theTreesKeepTheOriginalIdentity() {
        byte[] block = block();
        BtrfsSuperblock.renew(block, FIRST);
        assertThat(uuid(block, 32)).isEqualTo(FIRST);
        assertThat(uuid(block, 571)).isEqualTo(ORIGINAL);
        assertThat(little(block).getLong(188)).isEqualTo(0x741);
        int checksum = little(block).getInt(0);
        BtrfsSuperblock.renew(block, SECOND);
        assertThat(uuid(block, 32)).isEqualTo(SECOND);
        assertThat(uuid(block, 571)).isEqualTo(ORIGINAL);
        assertThat(little(block).getInt(0)).isNotEqualTo(checksum);
    }

    @Test
    void somethingElseIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> BtrfsSuperblock.renew(new byte[4096], FIRST));
    }

    private static byte[] block() {
        byte[] block = new byte[BtrfsSuperblock.BYTES];
        ByteBuffer view = ByteBuffer.wrap(block);
        view.position(32).putLong(ORIGINAL.getMostSignificantBits()).putLong(ORIGINAL.getLeastSignificantBits());
        view.position(64).put("_BHRfS_M".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        little(block).putLong(188, 0x341);
        return block;
    }

    private static UUID uuid(byte[] block, int at) {
        return new UUID(
                ByteBuffer.wrap(block).getLong(at), ByteBuffer.wrap(block).getLong(at + 8));
    }

    private static ByteBuffer little(byte[] block) {
        return ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    }
}
