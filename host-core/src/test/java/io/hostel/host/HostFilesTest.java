package io.hostel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hostel.api.DoctorView;
import io.hostel.config.ConfigLoader;
import io.hostel.config.HostelConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As root, on the real file system. */
class HostFilesTest {
    /** A uid that is nobody's here. */
    private static final int ANOTHER = 54_321;

    @TempDir
    private Path directory;

    private HostelConfig config;

    @BeforeEach
    void configure() throws Exception {
        FileAccess.set(directory, 0755);
        config = ConfigLoader.load(
                Optional.empty(),
                Map.of(
                        "hostel.state-dir", directory.resolve("state").toString(),
                        "hostel.run-dir", directory.resolve("run").toString(),
                        "hostel.log-dir", directory.resolve("log").toString()));
    }

    @Test
    void whatIsMadeIsClosedAndNothingIsFound() throws Exception {
        made();

        assertThat(mode(config.runDir())).isEqualTo(0711);
        assertThat(mode(config.stateDir())).isEqualTo(0711);
        assertThat(mode(config.logDir())).isEqualTo(0710);
        assertThat(new HostFiles(config).open()).isEmpty();
    }

    @Test
    void whatAnEarlierHostLeftOpenIsClosed() throws Exception {
        asAnEarlierHost();
        assertThat(new HostFiles(config).open()).hasSizeGreaterThan(3);

        made();

        assertThat(mode(config.runDir())).isEqualTo(0711);
        assertThat(mode(config.runDir().resolve("ledger"))).isEqualTo(0700);
        assertThat(mode(config.runDir().resolve("slots"))).isEqualTo(0700);
        assertThat(mode(config.runDir().resolve("launches"))).isEqualTo(0700);
        assertThat(mode(config.runDir().resolve("hostd.lock"))).isEqualTo(0600);
        assertThat(mode(config.runDir().resolve("netns"))).isEqualTo(0755);
        assertThat(new HostFiles(config).open()).isEmpty();
    }

    @Test
    void copiesOfTheStateThatAnEarlierHostLeftOpenAreClosed() throws Exception {
        asAnEarlierHost();
        for (String each : List.of("replaced-20250102T030405Z", "restore-20250102T030405Z", ".backup-a7", "own")) {
            FileAccess.set(Files.createDirectory(config.stateDir().resolve(each)), 0755);
        }
        Path file = Files.createFile(config.stateDir().resolve(".backup-a8"));
        FileAccess.set(file, 0644);
        Path watch = Files.createFile(directory.resolve("run.watch"));
        FileAccess.set(watch, 0666);
        assertThat(found())
                .contains(
                        config.stateDir().resolve("replaced-20250102T030405Z").toString(),
                        config.stateDir().resolve("restore-20250102T030405Z").toString(),
                        config.stateDir().resolve(".backup-a7").toString(),
                        file.toString());

        made();

        assertThat(mode(config.stateDir().resolve("replaced-20250102T030405Z"))).isEqualTo(0700);
        assertThat(mode(file)).isEqualTo(0600);
        assertThat(mode(config.stateDir().resolve("own"))).isEqualTo(0755);
        assertThat(found()).containsExactly(watch.toString());
    }

    @Test
    void aRunDirectoryThatIsTheMachinesStaysOpen() throws Exception {
        asAnEarlierHost();
        Files.createDirectory(config.runDir().resolve("systemd"));

        made();

        assertThat(mode(config.runDir())).isEqualTo(0755);
        assertThat(mode(config.runDir().resolve("ledger"))).isEqualTo(0700);
        assertThat(found()).containsExactly(config.runDir().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "state", "log", "run/ledger", "run/hostd.lock"})
    void whatBelongsToAnotherUserIsRefusedAndFound(String which) throws Exception {
        asAnEarlierHost();
        Files.setAttribute(directory.resolve(which), "unix:uid", ANOTHER);

        assertThatThrownBy(this::made)
                .isInstanceOf(CannotStart.class)
                .hasMessageContaining(directory.resolve(which) + " belongs to user " + ANOTHER);
        assertThat(found()).contains(directory.resolve(which).toString());
    }

    @Test
    void aLinkThatAnotherUserHasPutThereIsRefused() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.createSymbolicLink(config.runDir(), elsewhere);
        made();
        Files.delete(config.runDir());
        Files.createSymbolicLink(config.runDir(), elsewhere);
        Files.setAttribute(config.runDir(), "unix:uid", ANOTHER, java.nio.file.LinkOption.NOFOLLOW_LINKS);

        assertThatThrownBy(this::made).isInstanceOf(CannotStart.class);
    }

    @Test
    void whatSomebodyOpensLaterIsFoundWithWhatMendsIt() throws Exception {
        made();
        Path token = Files.writeString(config.stateDir().resolve("operator.token"), "secret");
        FileAccess.set(token, 0644);

        assertThat(new HostFiles(config).open())
                .containsExactly(new DoctorView.Finding(
                        "file", token.toString(), "its mode is 0644, 0640 is enough: chmod 0640"));
    }

    @Test
    void aDirectoryAboveThatOthersWriteToIsFound() throws Exception {
        made();
        FileAccess.set(directory, 0777);
        assertThat(found()).containsExactly(directory.toString());

        FileAccess.set(directory, 01777);
        assertThat(found()).isEmpty();
    }

    private void made() throws Exception {
        new HostFiles(config).makeRunDir();
        new HostFiles(config).make();
    }

    private List<String> found() {
        return new HostFiles(config).open().stream().map(DoctorView.Finding::name).toList();
    }

    /** With umask 022. */
    private void asAnEarlierHost() throws Exception {
        for (String each : List.of("state", "run", "log", "run/ledger", "run/slots", "run/launches", "run/netns")) {
            FileAccess.set(Files.createDirectory(directory.resolve(each)), 0755);
        }
        FileAccess.set(Files.createFile(config.runDir().resolve("hostd.lock")), 0644);
    }

    private static int mode(Path path) throws Exception {
        return FileAccess.of(path).orElseThrow().permissions();
    }
}
