package io.hostel.host;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.AskPattern;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Starts top-level actors from the main thread. */
final class Spawning {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Spawning() {}

    static <M> ActorRef<M> spawn(ActorSystem<SpawnProtocol.Command> system, Behavior<M> behavior, String name)
            throws Exception {
        return AskPattern.ask(
                        system,
                        (ActorRef<ActorRef<M>> replyTo) ->
                                new SpawnProtocol.Spawn<>(behavior, name, Props.empty(), replyTo),
                        PATIENCE,
                        system.scheduler())
                .toCompletableFuture()
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
}
