/** Measures a host from outside, over HTTP. Start with {@link io.hostel.bench.LaunchBench}. Nobody imports it. */
@org.jspecify.annotations.NullMarked
package io.hostel.bench;
