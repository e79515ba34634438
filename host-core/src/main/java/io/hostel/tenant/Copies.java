package io.hostel.tenant;

import io.hostel.api.ArtifactFormat;
import io.hostel.api.RestoreView;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Backups of the whole host; as {@link io.hostel.api.TenantOperations} says. */
public interface Copies {
    CompletionStage<Flow.Publisher<ByteBuffer>> backup();

    CompletionStage<RestoreView> restore(ArtifactFormat format, InputStream body);
}
