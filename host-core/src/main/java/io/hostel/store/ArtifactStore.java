package io.hostel.store;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.ArtifactView;
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
     * @throws io.hostel.api.RefusedException BadArchive, TooLarge or DiskFull
     * @throws IOException where the body itself breaks off
     */
    ArtifactView put(ArtifactFormat format, InputStream body, long quotaBytes) throws IOException;

    /** The tree to use as a layer; empty where there is none. */
    Optional<Path> layer(String digest);

    /** The Procfile's processes in order: name and command line; empty where there is no Procfile. */
    List<ProcfileEntry> procfile(String digest) throws IOException;

    /** Takes away what no tenant claims any more. */
    void delete(String digest) throws IOException;

    List<String> digests() throws IOException;

    record ProcfileEntry(String process, String command) {}
}
