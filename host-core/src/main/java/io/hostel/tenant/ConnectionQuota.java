package io.hostel.tenant;

import akka.actor.typed.javadsl.ActorContext;
import io.hostel.kernel.KernelException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the packet filter bound a tenant's connections by its quota, one call at a time, again after one that failed. Until the first
 * has been made, and where none can be, the filter's own bound holds. Confined to the tenant's actor.
 */
final class ConnectionQuota {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionQuota.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final ActorContext<TenantMessage> actor;
    private final Surroundings around;
    private final int tenant;
    private final Converging<Integer> bound;
    private boolean over;

    /** @param tenant its number */
    ConnectionQuota(ActorContext<TenantMessage> actor, Surroundings around, int tenant, long connections) {
        this.actor = actor;
        this.around = around;
        this.tenant = tenant;
        this.bound = new Converging<>(Math.toIntExact(connections));
        go();
    }

    void want(long connections) {
        bound.want(Math.toIntExact(connections));
        go();
    }

    void bounded(@Nullable Throwable failure) {
        if (failure == null) {
            bound.succeeded();
            go();
        } else {
            LOG.warn("bound the connections of tenant number {}: {}", tenant, Faults.cause(failure).getMessage());
            bound.failed();
            actor.scheduleOnce(RETRY, actor.getSelf(), new TenantMessage.BoundAgain());
        }
    }

    void again() {
        bound.rested();
        go();
    }

    /** Whether no call is under way: what is wanted is in force, or will be tried again. */
    boolean idle() {
        return bound.idle();
    }

    /** The filter forgets the tenant; what stays of it goes when the next host starts. */
    CompletionStage<Boolean> giveUp() {
        over = true;
        return call(() -> around.filter().unbound(tenant)).exceptionally(failure -> {
            LOG.warn("forget the bound of tenant number {}: {}", tenant, Faults.cause(failure).getMessage());
            return false;
        });
    }

    private void go() {
        if (over) {
            return;
        }
        bound.next()
                .ifPresent(connections -> actor.pipeToSelf(
                        call(() -> around.filter().bound(tenant, connections)),
                        (done, failure) -> new TenantMessage.Bounded(failure)));
    }

    private CompletableFuture<Boolean> call(KernelCall call) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        try {
            around.kernel().execute(() -> {
                try {
                    call.make();
                    done.complete(true);
                } catch (KernelException | RuntimeException e) {
                    done.completeExceptionally(e);
                }
            });
        } catch (RuntimeException full) {
            done.completeExceptionally(full);
        }
        return done;
    }

    private interface KernelCall {
        void make() throws KernelException;
    }
}
