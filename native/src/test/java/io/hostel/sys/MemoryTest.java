package io.hostel.sys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static final MemoryIO IO = MemoryIO.getInstance();

    /** Together more than what comes from a thread's stack. */
    private static final List<Integer> SIZES = List.of(0, 1, 15, 16, 17, 3000, 5000, 1, 100_000, 64);

    @Test
    void onAThreadThatEndsSoonItIsTheSame() throws Exception {
        ThrowAwayThread.call(() -> {
            blocksAreZeroedAndApart();
            aStringEndsInAZeroWhateverWasThereBefore();
            return true;
        });
    }

    @Test
    void blocksAreZeroedAndApart() {
        for (int round = 0; round < 3; round++) {
            try (Memory memory = new Memory()) {
                List<Memory.Block> blocks = new ArrayList<>();
                for (int bytes : SIZES) {
                    Memory.Block block = memory.block(bytes);
                    assertThat(block.view().remaining()).isEqualTo(bytes);
                    for (int i = 0; i < bytes; i++) {
                        assertThat(block.view().get(i)).isZero();
                        block.view().put(i, (byte) (blocks.size() + 1));
                    }
                    blocks.add(block);
                }
                for (int n = 0; n < blocks.size(); n++) {
                    for (int i = 0; i < SIZES.get(n); i++) {
                        assertThat(IO.getByte(blocks.get(n).address() + i)).isEqualTo((byte) (n + 1));
                    }
                }
            }
        }
    }

    @Test
    void whatAnInnerCallTookIsGivenBackAndTheOuterOnesIsLeftAlone() {
        try (Memory outer = new Memory()) {
            Memory.Block kept = outer.block(8);
            kept.view().putLong(0, 42);
            long first;
            try (Memory inner = new Memory()) {
                first = inner.bytes(new byte[] {1, 2, 3});
            }
            try (Memory inner = new Memory()) {
                assertThat(inner.bytes(new byte[] {4, 5, 6})).isEqualTo(first);
            }
            assertThat(IO.getLong(kept.address())).isEqualTo(42);
        }
    }

    @Test
    void aStringEndsInAZeroWhateverWasThereBefore() {
        try (Memory memory = new Memory()) {
            Memory.Block dirty = memory.block(64);
            for (int i = 0; i < 64; i++) dirty.view().put(i, (byte) 'x');
        }
        try (Memory memory = new Memory()) {
            assertThat(IO.getZeroTerminatedByteArray(memory.string("über"))).isEqualTo("über".getBytes(UTF_8));
        }
    }

    @Test
    void allKindsOfBuffersAreReadAndWritten() throws Exception {
        byte[] content = "what is written".getBytes(UTF_8);
        ByteBuffer direct =
                ByteBuffer.allocateDirect(content.length).put(content).flip();
        ByteBuffer part = ByteBuffer.wrap(("__" + "what is written" + "__").getBytes(UTF_8), 2, content.length);
        for (ByteBuffer from :
                List.of(direct, part, part.slice(), ByteBuffer.wrap(content).asReadOnlyBuffer())) {
            try (OpenFile.Pipe pipe = OpenFile.pipe()) {
                int at = from.position();
                assertThat(Descriptors.write(pipe.writing(), from.duplicate())).isEqualTo(content.length);
                assertThat(from.position()).isEqualTo(at);
                ByteBuffer to = ByteBuffer.allocate(100).position(7).slice();
                assertThat(Descriptors.read(pipe.reading(), to)).isEqualTo(content.length);
                byte[] read = new byte[content.length];
                to.flip().get(read);
                assertThat(read).isEqualTo(content);
            }
        }
    }
}
