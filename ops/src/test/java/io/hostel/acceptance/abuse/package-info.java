/**
 * Attacks of tenants on the host and on each other that are too long or too costly for every test run. What a class named
 * {@code *Abuse} holds, only {@code ops/test --abuse} runs; the short form of each attack is an {@code *IT} in the package above.
 *
 * <p>Start with {@link io.hostel.acceptance.abuse.EightTenantsAbuse}, all of the attacks at once.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.acceptance.abuse;
