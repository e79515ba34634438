/** What the benchmarks reckon with; nothing here measures. */
@org.jspecify.annotations.NullMarked
package io.hostel.bench;
