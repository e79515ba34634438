package io.hostel.kernel.linux;

import io.hostel.sys.SysException;
import java.util.List;

/** What {@link LayerRoom} has to know and to change of layers, whatever holds them. */
interface LayerDisk {

    /** Bytes and files; {@link #ANY} where nothing counts them. */
    record Amount(long bytes, long files) {
        static final long ANY = Long.MAX_VALUE;
        static final Amount NONE = new Amount(0, 0);
    }

    /**
     * @param bytes all that there is
     * @param spare by how much all layers together may still grow; what the host keeps for itself is not in it, so it may be below 0
     * @param takenBytes what is taken of them; {@code spare} need not move where that does, as metadata may be what is short
     * @param keptBytes what the host keeps
     */
    record Space(long bytes, Amount spare, long takenBytes, long keptBytes) {}

    /**
     * One layer.
     *
     * @param owner uid of its owner: the tenant's first, or 0 where it has no tenant yet; of no meaning where {@link LayerRoom#owned}
     *     was told
     * @param given the most that it may ever take
     * @param bound the most that it may take now
     */
    record Layer(String name, long owner, Amount given, Amount used, Amount bound) {
        Layer of(long owner) {
            return new Layer(name, owner, given, used, bound);
        }

        Layer bound(Amount now) {
            return new Layer(name, owner, given, used, now);
        }
    }

    Space space() throws SysException;

    List<String> names();

    /** @throws SysException ENOENT where it has gone */
    Layer read(String name) throws SysException;

    /**
     * Bounds a layer, and keeps what it was given for later.
     *
     * @throws SysException ENOENT where there is none
     */
    void give(String name, Amount given, Amount most) throws SysException;

    /** @throws SysException ENOENT where it has gone */
    void bound(String name, Amount most) throws SysException;

    /** What is remembered of a layer that has gone is not needed any more. */
    default void forget(String name) {}
}
