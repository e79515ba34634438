package io.hostel.sys;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Native memory for the arguments of a call: all that was taken from it is given back by {@link #close}, after which no address
 * may be used. For the thread that made it alone, and closed in the opposite order of making: what a call usually needs comes
 * from a stack that each thread has, since malloc and a new view cost as much as many a call to the kernel.
 */
public final class Memory implements AutoCloseable {
    private static final MemoryIO IO = MemoryIO.getInstance();
    private static final int ALIGNMENT = 16;
    private static final int STACK_BYTES = 8 << 10;
    private static final ThreadLocal<Stack> STACKS = ThreadLocal.withInitial(() -> new Stack(STACK_BYTES));
    /** For a thread that ends before it would have been worth its while, and leaves its stack to the garbage collector. */
    private static final Stack NONE = new Stack(0);

    private final Stack stack = ThrowAwayThread.current() ? NONE : STACKS.get();
    private final int below = stack.used;
    private final List<Long> blocks = new ArrayList<>(0);

    private static final class Stack {
        final ByteBuffer all;
        final int bytes;
        final int first;
        final long address;
        int used;

        Stack(int bytes) {
            this.bytes = bytes;
            all = ByteBuffer.allocateDirect(bytes + ALIGNMENT);
            long begin = IO.getDirectBufferAddress(all);
            first = (int) (-begin & ALIGNMENT - 1);
            address = begin + first;
        }

        /** Where as much begins; -1 where there is not that much. */
        int take(int wanted) {
            if (wanted > bytes - used) return -1;
            int at = used;
            used += wanted + ALIGNMENT - 1 & -ALIGNMENT;
            return at;
        }
    }

    /** Zeroed bytes. */
    public Block block(int bytes) {
        int least = Math.max(bytes, 1);
        int at = stack.take(least);
        if (at < 0) {
            long address = allocated(least);
            ByteBuffer view = IO.newDirectByteBuffer(address, least).order(ByteOrder.nativeOrder());
            view.limit(bytes);
            return new Block(address, view);
        }
        IO.setMemory(stack.address + at, least, (byte) 0);
        ByteBuffer view = stack.all.slice(stack.first + at, bytes).order(ByteOrder.nativeOrder());
        return new Block(stack.address + at, view);
    }

    /** Address of bytes of any content that something is about to be put into. */
    private long room(int bytes) {
        int least = Math.max(bytes, 1);
        int at = stack.take(least);
        return at < 0 ? allocated(least) : stack.address + at;
    }

    private long allocated(int bytes) {
        long address = IO.allocateMemory(bytes, true);
        if (address == 0) throw new OutOfMemoryError("native memory, " + bytes + " bytes");
        blocks.add(address);
        return address;
    }

    /** Address of a copy. */
    public long bytes(byte[] content) {
        long address = room(content.length);
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
        long address = room(utf8.length + 1);
        IO.putByteArray(address, utf8, 0, utf8.length);
        IO.putByte(address + utf8.length, (byte) 0);
        return address;
    }

    /** Address of an array of pointers to strings that ends in a null pointer, as execve(2) takes it. */
    public long strings(List<String> texts) {
        Block block = block(8 * (texts.size() + 1));
        for (int i = 0; i < texts.size(); i++) block.view().putLong(8 * i, string(texts.get(i)));
        return block.address();
    }

    /** Address of what the kernel is to write in place of a buffer's rest: see {@link #filled}. */
    long toFill(ByteBuffer rest) {
        return rest.isDirect() ? addressOf(rest) : room(rest.remaining());
    }

    /**
     * The kernel has written it: moves the buffer's position over that.
     *
     * @param address of {@link #toFill}
     * @param bytes may be more than there is room for, where it tells of what it had
     */
    static void filled(ByteBuffer rest, long address, long bytes) {
        int moved = (int) Math.min(bytes, rest.remaining());
        if (rest.hasArray()) {
            IO.getByteArray(address, rest.array(), rest.arrayOffset() + rest.position(), moved);
        }
        rest.position(rest.position() + moved);
    }

    /** Address of what a buffer's rest holds. The position stays. */
    long toSend(ByteBuffer rest) {
        if (rest.isDirect()) return addressOf(rest);
        if (rest.hasArray()) {
            long address = room(rest.remaining());
            IO.putByteArray(address, rest.array(), rest.arrayOffset() + rest.position(), rest.remaining());
            return address;
        }
        byte[] copy = new byte[rest.remaining()];
        rest.duplicate().get(copy);
        return bytes(copy);
    }

    private static long addressOf(ByteBuffer direct) {
        return IO.getDirectBufferAddress(direct) + direct.position();
    }

    @Override
    public void close() {
        stack.used = below;
        for (long block : blocks) IO.freeMemory(block);
        blocks.clear();
    }

    /** @param view the same bytes in native order, position 0; dead once the memory is closed */
    public record Block(long address, ByteBuffer view) {}
}
