/**
 * The whole state of a host as one file, and back: {@link io.hostel.store.backup.BackupWriter} makes it,
 * {@link io.hostel.store.backup.StagedRestore} verifies it and puts it in the place of what is there.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.store.backup;
