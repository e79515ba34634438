package io.hostel.tenant;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.ArtifactView;
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

/** Artifacts in memory: the body is the Procfile, and its length the size. */
final class FakeArtifacts implements ArtifactStore {
    private final Map<String, String> procfiles = new LinkedHashMap<>();

    @Override
    public synchronized ArtifactView put(ArtifactFormat format, InputStream body, long quotaBytes) throws IOException {
        String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
        if (text.length() > quotaBytes) {
            throw new RefusedException(new Refusal.TooLarge("more than " + quotaBytes));
        }
        String digest = "sha256:" + Integer.toHexString(text.hashCode());
        procfiles.put(digest, text);
        return new ArtifactView(digest, text.length());
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
