/**
 * The built distribution, judged from outside: over HTTP, and by what the kernel shows.
 *
 * <p>Start with {@link io.hostel.acceptance.Host}, the JUnit extension that every class here uses. Runs as root in a throw-away
 * network and mount namespace.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.acceptance;
