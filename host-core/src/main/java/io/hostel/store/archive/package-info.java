/**
 * Unpacks what strangers send: tar archives that may be hostile in every field.
 *
 * <p>Start with {@link io.hostel.store.archive.Unpacker}. Only the store imports it; it imports the published language.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.store.archive;
