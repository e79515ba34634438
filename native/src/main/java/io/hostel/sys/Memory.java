package io.hostel.sys;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Native memory for the arguments of a call: all that was taken from it is freed by {@link #close}, after which no address may
 * be used. Not for use by several threads.
 */
public final class Memory implements AutoCloseable {
    private static final MemoryIO IO = MemoryIO.getInstance();

    private final List<Long> blocks = new ArrayList<>(4);

    /** Zeroed bytes. */
    public Block block(int bytes) {
        int least = Math.max(bytes, 1);
        long address = zeroed(least);
        ByteBuffer view = IO.newDirectByteBuffer(address, least).order(ByteOrder.nativeOrder());
        view.limit(bytes);
        return new Block(address, view);
    }

    /** Without a view of it, which costs as much as many a call to the kernel. */
    private long zeroed(int bytes) {
        long address = IO.allocateMemory(bytes, true);
        if (address == 0) throw new OutOfMemoryError("native memory, " + bytes + " bytes");
        blocks.add(address);
        return address;
    }

    /** Address of a copy. */
    public long bytes(byte[] content) {
        long address = zeroed(Math.max(content.length, 1));
        IO.putByteArray(address, content, 0, content.length);
        return address;
    }

    /**
     * Address of a copy in UTF-8 that ends in a zero.
     *
     * @throws IllegalArgumentException where a zero is inside: C would see a shorter string
     */
    public long string(String text) {
        if (text.indexOf(0) >= 0) throw new IllegalArgumentException("a zero character in a string for the kernel");
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        long address = zeroed(utf8.length + 1);
        IO.putByteArray(address, utf8, 0, utf8.length);
        return address;
    }

    /** Address of an array of pointers to strings that ends in a null pointer, as execve(2) takes it. */
    public long strings(List<String> texts) {
        Block block = block(8 * (texts.size() + 1));
        for (int i = 0; i < texts.size(); i++) block.view().putLong(8 * i, string(texts.get(i)));
        return block.address();
    }

    /** Where a direct buffer's remaining bytes begin; null pointer where there is no buffer memory to point to. */
    static long addressOf(ByteBuffer direct) {
        return IO.getDirectBufferAddress(direct) + direct.position();
    }

    @Override
    public void close() {
        blocks.forEach(IO::freeMemory);
        blocks.clear();
    }

    /** @param view the same bytes in native order, position 0; dead once the memory is closed */
    public record Block(long address, ByteBuffer view) {}
}
