package io.hostel.tenant;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.store.ArtifactStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Artifacts in memory: the body is the Procfile, its length the size, and each of its lines counts as an entry. */
final class FakeArtifacts implements ArtifactStore {
    private final Map<String, String> procfiles = new LinkedHashMap<>();

    @Override
    public synchronized Put put(ArtifactFormat format, InputStream body, long quotaBytes, long quotaEntries)
            throws IOException {
        String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
        if (text.length() > quotaBytes) {
            throw new RefusedException(new Refusal.TooLarge("more than " + quotaBytes));
        }
        if (text.lines().count() > quotaEntries) {
            throw new RefusedException(new Refusal.TooLarge("more entries than " + quotaEntries));
        }
        String digest = "sha256:" + Integer.toHexString(text.hashCode());
        procfiles.put(digest, text);
        return new Put(digest, text.length(), text.lines().count());
    }

    @Override
    public synchronized Optional<Path> layer(String digest) {
        return Optional.ofNullable(procfiles.get(digest)).map(p -> Path.of("/artifacts", digest));
    }

    @Override
    public synchronized List<ProcfileEntry> procfile(String digest) {
        return procfiles
                .getOrDefault(digest, "")
                .lines()
                .filter(line -> line.contains(": "))
                .map(line -> line.split(": ", 2))
                .map(parts -> new ProcfileEntry(parts[0], parts[1]))
                .toList();
    }

    @Override
    public synchronized void delete(String digest) {
        procfiles.remove(digest);
    }

    @Override
    public synchronized List<String> digests() {
        return List.copyOf(procfiles.keySet());
    }
}
