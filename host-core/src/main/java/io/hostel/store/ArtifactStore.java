package io.hostel.store;

import io.hostel.api.ArtifactFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Artifacts, unpacked once under their digest. A tree's root holds {@code app/}, so that it is a layer as it stands. Every
 * method blocks.
 */
public interface ArtifactStore {

    /**
     * Unpacks an archive under a temporary name, checks every entry, and moves it to its digest; on any failure nothing is kept.
     *
     * @param quotaBytes the most that it may take unpacked
     * @param quotaEntries how many files, directories and links it may have
     * @throws io.hostel.api.RefusedException BadArchive, TooLarge or DiskFull
     * @throws IOException where the body itself breaks off
     */
    Put put(ArtifactFormat format, InputStream body, long quotaBytes, long quotaEntries) throws IOException;

    /** What was put there; see {@link io.hostel.store.archive.Unpacker.Unpacked}. */
    record Put(String digest, long size, long entries) {}

    /** The tree to use as a layer; empty where there is none. */
    Optional<Path> layer(String digest);

    /**
     * The Procfile's processes in order; empty where there is no Procfile.
     *
     * @throws io.hostel.api.RefusedException which lines of it are none
     */
    List<ProcfileEntry> procfile(String digest) throws IOException;

    /** Takes away what no tenant claims any more. */
    void delete(String digest) throws IOException;

    List<String> digests() throws IOException;

    /** @param line for a shell */
    record ProcfileEntry(String process, String line) {
        /** Program and arguments. A line that is one simple command takes its shell's place. */
        public List<String> command() {
            return List.of("/bin/sh", "-c", ShellLine.replacingItsShell(line));
        }
    }
}
