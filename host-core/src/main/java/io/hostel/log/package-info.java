/**
 * What sandboxes wrote: the monitors' log files, and the host's own lines beside them.
 *
 * <p>Start with {@link io.hostel.log.LogFiles}. Imports the published language only; host wires it.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.log;
