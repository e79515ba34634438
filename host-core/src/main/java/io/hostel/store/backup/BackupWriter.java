package io.hostel.store.backup;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import io.hostel.store.archive.PackedTree;
import io.hostel.store.archive.TarWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Writes a backup: a tar archive of regular files, compressed by zstd. First the database, then the operator's token, each
 * artifact as a tar archive of its own, and the {@link Manifest}.
 */
public final class BackupWriter {
    private static final int LEVEL = 3;

    private final Instant createdAt;
    private final TarWriter tar;
    private final OutputStream out;
    private final List<Manifest.Part> parts = new ArrayList<>();

    private BackupWriter(OutputStream out, Instant createdAt) {
        this.out = out;
        this.tar = new TarWriter(out);
        this.createdAt = createdAt;
    }

    /**
     * Blocks until all is written; the stream stays open.
     *
     * @param database of its own, which nobody writes to
     * @param artifacts the trees by digest, each the root of what was uploaded; they have to stay meanwhile
     */
    public static void write(
            OutputStream out,
            Instant createdAt,
            int schema,
            Path database,
            String operatorToken,
            Map<String, Path> artifacts)
            throws IOException {
        try (ZstdOutputStreamNoFinalizer packed = new ZstdOutputStreamNoFinalizer(new Open(out), LEVEL)) {
            packed.setChecksum(true);
            BufferedOutputStream buffered = new BufferedOutputStream(packed, 65_536);
            BackupWriter backup = new BackupWriter(buffered, createdAt);
            backup.part(Manifest.DATABASE, Files.size(database), to -> Files.copy(database, to));
            byte[] token = (operatorToken + "\n").getBytes(StandardCharsets.UTF_8);
            backup.part(Manifest.TOKEN, token.length, to -> to.write(token));
            for (Map.Entry<String, Path> artifact : artifacts.entrySet()) {
                PackedTree tree = PackedTree.of(artifact.getValue());
                backup.part(Manifest.artifact(artifact.getKey()), tree.size(), tree::writeTo);
            }
            backup.end(schema);
            buffered.flush();
        }
    }

    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private void part(String name, long size, Content content) throws IOException {
        begin(name, size);
        DigestOutputStream digesting = new DigestOutputStream(out, sha256());
        content.writeTo(digesting);
        tar.endOfContent(size);
        parts.add(new Manifest.Part(
                name,
                size,
                HexFormat.of().formatHex(digesting.getMessageDigest().digest())));
    }

    private void end(int schema) throws IOException {
        byte[] manifest = new Manifest(Manifest.FORMAT, schema, createdAt, parts).json();
        begin(Manifest.NAME, manifest.length);
        out.write(manifest);
        tar.endOfContent(manifest.length);
        tar.end();
    }

    private void begin(String name, long size) throws IOException {
        tar.entry(name, '0', 0600, createdAt.getEpochSecond(), "", size);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /** To close the compressor frees its memory; what it writes to is its owner's to close, who knows whether all went well. */
    private static final class Open extends java.io.FilterOutputStream {
        Open(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
