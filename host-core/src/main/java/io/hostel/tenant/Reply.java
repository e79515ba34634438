package io.hostel.tenant;

import io.hostel.api.Refusal;

/** What an actor answers to a request. */
public sealed interface Reply<T> {

    record Done<T>(T value) implements Reply<T> {}

    record Refused<T>(Refusal refusal) implements Reply<T> {}
}
