package io.hostel.tenant;

/** Where a sandbox belongs: a process of a release. */
record Slot(int release, String process) {}
