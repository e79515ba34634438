package io.hostel.api;

/** Says that something is no longer there. */
public enum Gone {
    GONE
}
