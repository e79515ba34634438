/**
 * Measures hosts of its own from outside, over HTTP. Start with {@link io.hostel.bench.Bench}; each {@code …Measure} is one
 * measure. What takes single milliseconds is timed by a client in C ({@code ops/src/bench/c}); what is here starts it, waits and
 * reckons. Nobody imports it.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.bench;
