package io.hostel.kernel.linux;

import io.hostel.kernel.linux.LayerDisk.Amount;
import io.hostel.kernel.linux.LayerDisk.Layer;
import io.hostel.kernel.linux.LayerShares.Dealt;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The way from the bounds that layers have to those that were dealt to them: those who get less are bound first, and only what is
 * left then is for those who get more. A little is not worth a change: of what was left over in dealing, half pays for that.
 */
final class LayerBounds {
    private static final int SLACK_PART = 16;

    private final Dealt bytes;
    private final Dealt files;
    private final Amount within;

    LayerBounds(Dealt bytes, Dealt files) {
        this.bytes = bytes;
        this.files = files;
        this.within = new Amount(slack(bytes), slack(files));
    }

    /** A change so small is not worth a call. With a larger one layers would stop growing with much of the room left. */
    private static long slack(Dealt dealt) {
        return dealt.free() ? 0 : dealt.left() / SLACK_PART / Math.max(1, dealt.bounds().length);
    }

    /** What is for layers that come until bounds are dealt again. */
    Amount forNewcomers() {
        return new Amount(
                bytes.free() ? bytes.left() : bytes.left() / 2, files.free() ? files.left() : files.left() / 2);
    }

    /** Bounds of those who get less, all others as they are. */
    List<Layer> narrowed(List<Layer> layers) {
        List<Layer> narrowed = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Amount was = layers.get(i).bound();
            narrowed.add(layers.get(i)
                    .bound(new Amount(
                            narrower(bytes.bounds()[i], was.bytes(), within.bytes()),
                            narrower(files.bounds()[i], was.files(), within.files()))));
        }
        return narrowed;
    }

    /** @param spare by how much all may grow now, whoever comes meanwhile aside */
    List<Layer> widened(List<Layer> narrowed, Amount spare) {
        long bytesLeft = spare.bytes() - open(narrowed, Amount::bytes);
        long filesLeft = spare.files() - open(narrowed, Amount::files);
        List<Layer> widened = new ArrayList<>();
        for (int i = 0; i < narrowed.size(); i++) {
            Amount was = narrowed.get(i).bound();
            long moreBytes = wider(bytes.bounds()[i] - was.bytes(), bytesLeft, within.bytes());
            long moreFiles = wider(files.bounds()[i] - was.files(), filesLeft, within.files());
            widened.add(narrowed.get(i).bound(new Amount(was.bytes() + moreBytes, was.files() + moreFiles)));
            bytesLeft -= moreBytes;
            filesLeft -= moreFiles;
        }
        return widened;
    }

    private static long narrower(long dealt, long bound, long within) {
        return bound - dealt > within ? dealt : bound;
    }

    private static long wider(long by, long left, long within) {
        return by > within ? Math.max(0, Math.min(by, left)) : 0;
    }

    /** By how much layers may grow as they are bound now. */
    private static long open(List<Layer> layers, ToLongFunction<Amount> of) {
        long sum = 0;
        for (Layer layer : layers) {
            long more = of.applyAsLong(layer.bound()) - of.applyAsLong(layer.used());
            sum = LayerShares.saturated(sum, Math.max(0, more));
        }
        return sum;
    }
}
