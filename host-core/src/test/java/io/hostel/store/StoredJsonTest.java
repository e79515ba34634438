package io.hostel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.ReleaseSpec;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoredJsonTest {
    private static final String MINIMAL = """
            {"v":2,"spec":{"artifact":null,"image":"host","env":{},"processes":{}}}""";

    @Test
    void aSpecComesBackExactlyAsItWas() {
        ReleaseSpec spec = StoredThings.spec();

        assertThat(StoredJson.spec(StoredJson.spec(spec))).isEqualTo(spec);
    }

    /** Rows written by earlier hosts have this form: change it only together with FORM and a reader for the old one. */
    @Test
    void theFormOnTheDiskIsFixed() {
        ReleaseSpec spec = new ReleaseSpec(
                Optional.of("sha256:aa"),
                "host",
                Map.of("A", "b"),
                Map.of("worker", StoredThings.spec().processes().get("worker")));

        assertThat(StoredJson.spec(spec)).isEqualTo("""
                        {"v":2,"spec":{"artifact":"sha256:aa","image":"host","env":{"A":"b"},"processes":{"worker":\
                        {"command":["./work",""],"port":null,"scale":1,"initialScale":1,"expose":"NONE","limits":{"memory":268435456,\
                        "cpus":1.0,"pids":128,"disk":268435456,"files":1024},"health":{"http":null,"interval":"PT2S",\
                        "timeout":"PT1S","startup":"PT30S"},"restart":"NEVER","stopTimeout":"PT0S","network":"NONE",\
                        "egress":"WORLD","user":"0"}}}}""");
    }

    @Test
    void whatWasStoredWhileEachProcessHadAScaleIsRead() {
        ReleaseSpec spec = StoredThings.spec();
        String form1 = StoredJson.spec(spec).replace("\"v\":2", "\"v\":1").replace("\"initialScale\":1,", "");

        assertThat(form1).doesNotContain("initialScale");
        assertThat(StoredJson.spec(form1)).isEqualTo(spec);
    }

    @Test
    void whatAnotherVersionWroteIsNotGuessedAt() {
        assertThat(StoredJson.spec(MINIMAL).processes()).isEmpty();
        assertThatThrownBy(() -> StoredJson.spec(MINIMAL.replace("\"v\":2", "\"v\":3")))
                .hasMessageContaining("form 3");
        assertThatThrownBy(() -> StoredJson.spec(MINIMAL.replace("\"env\":{},", "")))
                .hasMessageContaining("env");
        assertThatThrownBy(() -> StoredJson.spec(MINIMAL.replace("\"env\"", "\"seccomp\":\"off\",\"env\"")))
                .hasMessageContaining("seccomp");
    }
}
