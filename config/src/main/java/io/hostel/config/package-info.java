/**
 * The host's settings: HOCON read once into immutable records, all problems reported together with file and line.
 *
 * <p>Start with {@link io.hostel.config.HostelConfig}. May be imported by every module but native; imports none of them.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.config;
