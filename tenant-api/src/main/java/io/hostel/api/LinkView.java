package io.hostel.api;

/** @param inForce whether both sides have said so */
public record LinkView(String tenant, String other, boolean inForce) {}
