/** Tests of the pools: whatever happens, nothing is leased twice and nothing is lost. */
@org.jspecify.annotations.NullMarked
package io.hostel.network;
