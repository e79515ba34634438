package io.hostel.store;

import static io.hostel.store.StoredThings.tenant;
import static io.hostel.store.StoredThings.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {
    private static final Schema ONE = new Schema(List.of("CREATE TABLE a (x TEXT) STRICT;\n"));
    private static final Schema TWO = new Schema(List.of(
            "CREATE TABLE a (x TEXT) STRICT;\n",
            "-- says why\nALTER TABLE a\n  ADD COLUMN y TEXT;\nCREATE TABLE b (z TEXT);\n"));

    @TempDir
    Path dir;

    private Path file() {
        return dir.resolve("hostel.db");
    }

    @Test
    void anEarlierSchemaIsBroughtForwardAndKeepsItsRows() {
        try (Database database = Database.open(dir, ONE)) {
            database.change("INSERT INTO a (x) VALUES (?)", "kept");
        }
        try (Database database = Database.open(dir, TWO)) {
            assertThat(database.query("SELECT x, y FROM a", row -> row.getString(1) + row.getString(2)))
                    .containsExactly("keptnull");
        }
    }

    @Test
    void aMigrationThatFailsLeavesTheEarlierVersion() {
        Database.open(dir, ONE).close();
        Schema broken = new Schema(List.of("SELECT 1;\n", "CREATE TABLE b (z TEXT);\nCREATE TABLE a (x TEXT);\n"));

        assertThatThrownBy(() -> Database.open(dir, broken)).isInstanceOf(StoreException.class);

        try (Database database = Database.open(dir, TWO)) {
            assertThat(database.query("SELECT name FROM sqlite_schema WHERE type = 'table'", row -> row.getString(1)))
                    .containsExactlyInAnyOrder("a", "b");
        }
    }

    @Test
    void aNewerSchemaIsRefusedAndLeftAsItIs() throws Exception {
        Database.open(dir, TWO).close();
        byte[] before = Files.readAllBytes(file());

        assertThatThrownBy(() -> Database.open(dir, ONE))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("schema 2")
                .hasMessageContaining("newer Hostel");

        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @Test
    void whatIsNoDatabaseIsRefusedAndLeftAsItIs() throws Exception {
        byte[] noise = new byte[20_000];
        new Random(7).nextBytes(noise);
        Files.write(file(), noise);

        assertThatThrownBy(() -> Database.open(dir))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("hostel.db is damaged")
                .hasMessageContaining("restore it from a backup");

        assertThat(Files.readAllBytes(file())).isEqualTo(noise);
    }

    @Test
    void aDatabaseWithADamagedPageIsRefused() throws Exception {
        try (SqliteDesiredState state = SqliteDesiredState.open(dir)) {
            state.createTenant(tenant("acme", 1), token("acme", "t1"));
        }
        byte[] noise = new byte[4096];
        new Random(7).nextBytes(noise);
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(noise), 4096);
        }
        byte[] before = Files.readAllBytes(file());

        assertThatThrownBy(() -> SqliteDesiredState.open(dir)).hasMessageContaining("hostel.db is damaged");

        assertThat(Files.readAllBytes(file())).isEqualTo(before);
    }

    @Test
    void aTruncatedDatabaseIsRefused() throws Exception {
        SqliteDesiredState.open(dir).close();
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 8192);
        }

        assertThatThrownBy(() -> SqliteDesiredState.open(dir)).hasMessageContaining("hostel.db is damaged");
    }

    @Test
    void anotherProgramsDatabaseIsRefused() {
        try (Database database = Database.open(dir, ONE)) {
            database.execute("PRAGMA application_id = 1");
        }

        assertThatThrownBy(() -> Database.open(dir, ONE)).hasMessageContaining("another program");
    }

    @Test
    void twoHostsCannotShareADatabase() {
        try (SqliteDesiredState first = SqliteDesiredState.open(dir)) {
            assertThatThrownBy(() -> SqliteDesiredState.open(dir)).hasMessageContaining("second host");
            assertThat(first.tenants()).isEmpty();
        }
    }
}
