package io.hostel.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * One SQLite file and the one connection to it, for one thread at a time. The lock on it is exclusive: a second host with the
 * same state directory is turned away here.
 */
public final class Database implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    private static final int BUSY_MILLIS = 3_000;

    /** Bytes that a transaction may leave of the journal. */
    private static final int JOURNAL_BYTES = 16 << 20;

    /** https://www.sqlite.org/pragma.html#pragma_auto_vacuum */
    private static final long INCREMENTAL = 2;

    private static final long MOST_WRITTEN_ANEW = 1L << 30;
    private static final long SPARE_PAGES = 256;
    private static final long PAGES_AT_A_TIME = 64;

    private final Path file;
    private final Connection connection;
    private final List<Runnable> onceStored = new ArrayList<>();
    private final List<Runnable> onceUndone = new ArrayList<>();
    private boolean within;

    private Database(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /**
     * Opens {@code hostel.db} in a directory, made where absent, and brings its schema up to date.
     *
     * @throws StoreException where the file is damaged, newer than this program, not Hostel's or in use; it is left as it is
     */
    public static Database open(Path stateDir) {
        return open(stateDir, Schema.shipped());
    }

    /** What the database of a state directory takes on the disk. */
    public static long bytes(Path stateDir) throws IOException {
        long bytes = 0;
        for (String name : List.of("hostel.db", "hostel.db-wal")) {
            Path file = stateDir.resolve(name);
            bytes += Files.exists(file) ? Files.size(file) : 0;
        }
        return bytes;
    }

    static Database open(Path stateDir, Schema schema) {
        Path file = stateDir.resolve("hostel.db");
        createPrivately(stateDir, file);
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setLockingMode(SQLiteConfig.LockingMode.EXCLUSIVE);
        config.enforceForeignKeys(true);
        config.setBusyTimeout(BUSY_MILLIS);
        config.setJournalSizeLimit(JOURNAL_BYTES);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        Connection connection;
        try {
            connection = source.getConnection();
        } catch (SQLException e) {
            throw new StoreFault(file).of("open", e);
        }
        Database database = new Database(file, connection);
        try {
            schema.bringUpToDate(database);
            return database;
        } catch (RuntimeException e) {
            database.closeQuietly(e);
            throw e;
        }
    }

    /** SQLite gives its journal the mode of the file, so making this one first settles both. */
    private static void createPrivately(Path stateDir, Path file) {
        try {
            Files.createDirectories(stateDir);
            if (!Files.exists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                TreeSync.directory(stateDir);
            }
        } catch (IOException e) {
            throw new StoreFault(file).of("create", e);
        }
    }

    /** The version of the schema that this program knows. */
    public static int schemaVersion() {
        return Schema.shipped().version();
    }

    Path file() {
        return file;
    }

    /**
     * Looks at every page and every reference: a second for some hundred megabytes.
     *
     * @throws StoreException where something is damaged
     */
    public void verify() {
        List<String> verdict = query("PRAGMA integrity_check(1)", row -> row.getString(1));
        if (!verdict.equals(List.of("ok"))) {
            throw new StoreFault(file).damaged(String.join("; ", verdict), null);
        }
        if (one("PRAGMA foreign_key_check", row -> row.getString(1)).isPresent()) {
            throw new StoreFault(file).damaged("it refers to what is not there", null);
        }
    }

    /** Writes all of it, compact, to a file that is empty or not there; VACUUM INTO. */
    void copyTo(Path copy) {
        change("VACUUM INTO ?", copy.toString());
    }

    /**
     * From now on {@link #giveBack} finds something to do: PRAGMA auto_vacuum = INCREMENTAL, which takes effect by writing all
     * of the file anew, once. Where there is too much for that, or no room for a copy, the file stays as large as it ever was.
     */
    void prepareGivingBack() {
        if (pragma("auto_vacuum") == INCREMENTAL) {
            return;
        }
        long used = (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
        if (used > MOST_WRITTEN_ANEW) {
            LOG.warn("{} has {} bytes, too many to be written anew; it will not shrink", file, used);
            return;
        }
        try {
            execute("PRAGMA auto_vacuum = INCREMENTAL");
            execute("VACUUM");
        } catch (StoreException e) {
            LOG.warn("{} could not be written anew and will not shrink until the next start", file, e);
        }
    }

    /**
     * Gives the file system back some of the room that is not used, a millisecond's worth.
     *
     * @return whether there is more to give
     */
    boolean giveBack() {
        long spare = pragma("freelist_count") - Math.max(SPARE_PAGES, pragma("page_count") / 8);
        if (spare <= 0 || pragma("auto_vacuum") != INCREMENTAL) {
            return false;
        }
        long pages = Math.min(spare, PAGES_AT_A_TIME);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("PRAGMA incremental_vacuum(" + pages + ")"); // to its end, not to its first page
        } catch (SQLException e) {
            throw new StoreFault(file).of("write", e);
        }
        return spare > pages;
    }

    private long pragma(String name) {
        return one("PRAGMA " + name, row -> row.getLong(1)).orElseThrow();
    }

    /** Maps one row. */
    interface Row<T> {
        T of(ResultSet row) throws SQLException;
    }

    /** Reads all rows of a query; arguments are bound in order, null as NULL. */
    <T> List<T> query(String sql, Row<T> mapping, @Nullable Object... arguments) {
        return page(sql, mapping, row -> 0, 1, arguments);
    }

    /** As {@link #query}, but no more rows once those that were read weigh so much. */
    <T> List<T> page(
            String sql, Row<T> mapping, ToLongFunction<T> weight, long enough, @Nullable Object... arguments) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, arguments);
            List<T> rows = new ArrayList<>();
            long read = 0;
            try (ResultSet row = statement.executeQuery()) {
                while (read < enough && row.next()) {
                    T value = mapping.of(row);
                    rows.add(value);
                    read += weight.applyAsLong(value);
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new StoreFault(file).of("read", e);
        }
    }

    <T> Optional<T> one(String sql, Row<T> mapping, @Nullable Object... arguments) {
        return query(sql, mapping, arguments).stream().findFirst();
    }

    /** Executes a change and returns how many rows it touched. */
    int change(String sql, @Nullable Object... arguments) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, arguments);
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new StoreFault(file).of("write", e);
        }
    }

    private static void bind(PreparedStatement statement, @Nullable Object[] arguments) throws SQLException {
        for (int i = 0; i < arguments.length; i++) {
            statement.setObject(i + 1, arguments[i]);
        }
    }

    /** Executes what takes no arguments and gives no rows. */
    void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new StoreFault(file).of("write", e);
        }
    }

    /** All of it reaches the disk, or nothing. Within another one it is part of that. */
    void transaction(Runnable changes) {
        if (within) {
            changes.run();
            return;
        }
        execute("BEGIN IMMEDIATE");
        within = true;
        try {
            changes.run();
            execute("COMMIT");
        } catch (RuntimeException e) {
            rollBack(e);
            Collections.reverse(onceUndone); // as all that is undone
            over(onceUndone, onceStored);
            throw e;
        } finally {
            within = false;
        }
        over(onceStored, onceUndone);
    }

    private static void over(List<Runnable> due, List<Runnable> idle) {
        List<Runnable> now = List.copyOf(due);
        due.clear();
        idle.clear();
        now.forEach(Runnable::run);
    }

    /** Runs when the transaction under way has reached the disk, never if it does not; at once where none is under way. */
    void onceStored(Runnable what) {
        if (within) {
            onceStored.add(what);
        } else {
            what.run();
        }
    }

    /** Runs when the transaction under way has failed as a whole, never if it has not. */
    void onceUndone(Runnable what) {
        if (within) {
            onceUndone.add(what);
        }
    }

    /** SQLite has rolled back already after some errors, a full disk among them; rolling back again then only fails. */
    private void rollBack(RuntimeException cause) {
        try {
            execute("ROLLBACK");
        } catch (StoreException e) {
            cause.addSuppressed(e);
        }
    }

    private void closeQuietly(RuntimeException cause) {
        try {
            connection.close();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new StoreFault(file).of("close", e);
        }
    }
}
