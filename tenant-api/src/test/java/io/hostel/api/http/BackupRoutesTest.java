package io.hostel.api.http;

import static io.hostel.api.http.HttpApiTest.isProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.api.http.ServedApi.Reply;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BackupRoutesTest {
    private final ServedApi served = new ServedApi(true);
    private final Executor threads = task -> new Thread(task).start();

    @AfterEach
    void close() {
        served.close();
    }

    private HttpResponse<byte[]> download() throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(served.url() + "/v1/backup"))
                                .header("Authorization", "Bearer op")
                                .build(),
                        BodyHandlers.ofByteArray());
    }

    /** @param failing whether it breaks off after the last piece */
    private void pieces(int count, boolean failing) {
        served.host.backups = subscriber -> {
            SubmissionPublisher<ByteBuffer> pieces = new SubmissionPublisher<>(threads, 4);
            pieces.subscribe(subscriber);
            threads.execute(() -> {
                for (int i = 0; i < count; i++) {
                    byte[] piece = new byte[100_000];
                    java.util.Arrays.fill(piece, (byte) i);
                    pieces.submit(ByteBuffer.wrap(piece));
                }
                if (failing) {
                    pieces.closeExceptionally(new IOException("the disk broke"));
                } else {
                    pieces.close();
                }
            });
        };
    }

    @Test
    void aBackupComesAsItIsWritten() throws Exception {
        pieces(50, false);
        HttpResponse<byte[]> backup = download();
        assertThat(backup.statusCode()).isEqualTo(200);
        assertThat(backup.headers().firstValue("Content-Type")).contains("application/zstd");
        assertThat(backup.headers().firstValue("Content-Disposition"))
                .contains("attachment; filename=\"hostel-backup.tar.zst\"");
        assertThat(backup.body()).hasSize(5_000_000);
        for (int i = 0; i < 50; i++) {
            assertThat(backup.body()[i * 100_000 + 99_999]).isEqualTo((byte) i);
        }
    }

    @Test
    void oneThatBreaksOffIsNeverTakenForAWholeOne() {
        pieces(5, true);
        assertThatThrownBy(this::download).isInstanceOf(IOException.class);
    }

    @Test
    void whyThereIsNoneIsAnswered() {
        served.host.failure = new RefusedException(new Refusal.DiskFull("the host's disk is full"));
        isProblem(served.get("/v1/backup", "op"), 507, "disk-full");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/zstd", "application/x-tar"})
    void aRestoreIsAnsweredWithWhatItBrings(String type) {
        Reply reply = restore(type, "a backup");
        assertThat(reply.status()).as(reply.body()).isEqualTo(202);
        assertThat(reply.json().path("createdAt").asText()).isEqualTo("2026-11-25T12:00:00Z");
        assertThat(reply.json().path("tenants").asInt()).isEqualTo(2);
        assertThat(reply.json().path("artifacts").asInt()).isEqualTo(3);
        assertThat(reply.json().path("replaced").asText()).isEqualTo("/var/lib/hostel/replaced-x");
    }

    @Test
    void whatIsNoBackupIsRefused() {
        isProblem(restore("application/zstd", "nonsense"), 422, "bad-archive");
        isProblem(restore("text/plain", "a backup"), 415, "media-type");
    }

    private Reply restore(String type, String body) {
        return served.send("POST", "/v1/restore", "op", BodyPublishers.ofString(body), "Content-Type", type);
    }
}
