package io.hostel.api;

/** A tar archive, as it is or compressed. */
public enum ArtifactFormat {
    TAR("application/x-tar"),
    GZIP("application/gzip"),
    ZSTD("application/zstd");

    private final String mediaType;

    ArtifactFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    public String mediaType() {
        return mediaType;
    }
}
