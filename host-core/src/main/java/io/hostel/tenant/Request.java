package io.hostel.tenant;

import akka.actor.typed.ActorRef;
import io.hostel.api.Refusal;

/** A message that somebody waits on: whoever holds it can refuse it. */
interface Request<T> {

    ActorRef<Reply<T>> replyTo();

    default void refuse(Refusal refusal) {
        replyTo().tell(new Reply.Refused<>(refusal));
    }

    default void done(T value) {
        replyTo().tell(new Reply.Done<>(value));
    }
}
