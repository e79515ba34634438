package io.hostel.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The database's versions, each a script that leads from the one before. The version in force is SQLite's {@code user_version};
 * {@code application_id} tells a Hostel database from any other.
 */
final class Schema {
    /** "HSTL" */
    static final int APPLICATION_ID = 0x4853544C;

    private static final List<String> SHIPPED = List.of(
            "001-first.sql",
            "002-ended.sql",
            "003-quota.sql",
            "004-entries.sql",
            "005-accounts.sql",
            "006-counts.sql");

    private final List<String> scripts;

    /** @param scripts the n-th leads to version n, from 1 */
    Schema(List<String> scripts) {
        this.scripts = List.copyOf(scripts);
    }

    static Schema shipped() {
        return new Schema(SHIPPED.stream().map(Schema::resource).toList());
    }

    /** An earlier version, as the host of its time knew it. */
    Schema upTo(int version) {
        return new Schema(scripts.subList(0, version));
    }

    int version() {
        return scripts.size();
    }

    /** Each step is one transaction: a crash leaves one version or the next. */
    void bringUpToDate(Database database) {
        int version = pragma(database, "user_version");
        int owner = pragma(database, "application_id");
        boolean empty = pragma(database, "schema_version") == 0;
        check(database, version, owner, empty);
        for (int next = version + 1; next <= scripts.size(); next++) {
            int to = next;
            database.transaction(() -> {
                statements(scripts.get(to - 1)).forEach(database::execute);
                database.execute("PRAGMA application_id = " + APPLICATION_ID);
                database.execute("PRAGMA user_version = " + to);
            });
        }
    }

    private void check(Database database, int version, int owner, boolean empty) {
        if (!empty && owner != APPLICATION_ID) {
            throw new StoreException(
                    database.file() + " is a database of another program; point state-dir elsewhere", null);
        }
        if (version > scripts.size()) {
            throw new StoreException(
                    database.file() + " has schema " + version + ", and this host knows up to " + scripts.size()
                            + ": it was written by a newer Hostel; start that one",
                    null);
        }
        String verdict = database.query("PRAGMA quick_check(1)", row -> row.getString(1)).stream()
                .collect(Collectors.joining("; "));
        if (!verdict.equals("ok")) {
            throw new StoreFault(database.file()).damaged(verdict, null);
        }
    }

    private static int pragma(Database database, String name) {
        return database.one("PRAGMA " + name, row -> row.getInt(1)).orElseThrow();
    }

    private static List<String> statements(String script) {
        List<String> statements = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        for (String line : script.lines().toList()) {
            if (line.strip().startsWith("--") || line.isBlank()) {
                continue;
            }
            statement.append(line).append('\n');
            if (line.endsWith(";")) {
                statements.add(statement.toString());
                statement.setLength(0);
            }
        }
        if (!statement.isEmpty()) {
            throw new IllegalStateException("script ends within a statement: " + statement);
        }
        return statements;
    }

    private static String resource(String name) {
        try (InputStream in = Schema.class.getResourceAsStream("/schema/" + name)) {
            if (in == null) {
                throw new IllegalStateException("resource schema/" + name + " is missing from the build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
