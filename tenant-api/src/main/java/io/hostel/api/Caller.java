package io.hostel.api;

/** Whose token a call carried. */
public sealed interface Caller {
    record Operator() implements Caller {}

    record Tenant(String id) implements Caller {}
}
