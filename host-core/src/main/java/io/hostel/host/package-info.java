/** The daemon: main, the guardian, and how everything is wired together. */
@org.jspecify.annotations.NullMarked
package io.hostel.host;
