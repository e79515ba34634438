/**
 * What making the distribution takes: a rehearsal of the host's start. Nobody imports it, and nothing of it runs in production.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.packaging;
