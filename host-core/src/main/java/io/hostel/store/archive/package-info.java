/**
 * Unpacks what strangers send: tar archives that may be hostile in every field. And packs trees up again.
 *
 * <p>Start with {@link io.hostel.store.archive.Unpacker} and {@link io.hostel.store.archive.PackedTree}. Only the store imports
 * it; it imports the published language.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.store.archive;
