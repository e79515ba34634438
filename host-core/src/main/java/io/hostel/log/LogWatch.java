package io.hostel.log;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the readers of directories which files in them have been written: one inotify(7) and one thread, whatever the number of
 * readers. What happens within {@value #GATHER_MILLIS} ms is told at once. Safe for any thread.
 */
final class LogWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogWatch.class);
    private static final long GATHER_MILLIS = 100;

    /** A reader; called on the watching thread, and must not block. */
    interface Reader {
        /** @param names of files in the directory; empty: any of them */
        void changed(Set<String> names);

        /** Nothing is told of this directory any more. */
        void gone();
    }

    private final WatchService service;
    private final Map<WatchKey, Set<Reader>> readers = new HashMap<>();
    private final Map<Reader, WatchKey> keys = new HashMap<>();
    private final Thread thread = new Thread(this::run, "hostel-log-watch");

    LogWatch() throws IOException {
        service = FileSystems.getDefault().newWatchService();
        thread.setDaemon(true);
        thread.start();
    }

    /** @return false where there is no such directory, or the kernel watches no more (fs.inotify.max_user_watches) */
    synchronized boolean watch(Path directory, Reader reader) {
        try {
            WatchKey key = directory.register(
                    service,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_DELETE,
                    StandardWatchEventKinds.ENTRY_MODIFY);
            readers.computeIfAbsent(key, k -> new HashSet<>()).add(reader);
            keys.put(reader, key);
            return true;
        } catch (NoSuchFileException | NotDirectoryException absent) {
            return false;
        } catch (IOException | ClosedWatchServiceException e) {
            LOG.debug("watch {}: {}", directory, e.toString());
            return false;
        }
    }

    /** Nothing happens where it does not watch. */
    synchronized void leave(Reader reader) {
        WatchKey key = keys.remove(reader);
        Set<Reader> others = key == null ? null : readers.get(key);
        if (key != null && others != null && others.remove(reader) && others.isEmpty()) {
            readers.remove(key);
            key.cancel();
        }
    }

    private void run() {
        try {
            while (true) {
                WatchKey key = service.take();
                TimeUnit.MILLISECONDS.sleep(GATHER_MILLIS);
                for (; key != null; key = service.poll()) {
                    tell(key);
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException closed) {
            LOG.debug("no directories are watched any more");
        }
    }

    private void tell(WatchKey key) {
        Set<String> names = new HashSet<>();
        boolean any = false;
        for (WatchEvent<?> event : key.pollEvents()) {
            if (event.context() instanceof Path name) {
                names.add(name.toString());
            } else {
                any = true; // too many at once
            }
        }
        boolean there = key.reset();
        List<Reader> told;
        synchronized (this) {
            told = List.copyOf(readers.getOrDefault(key, Set.of()));
            if (!there) {
                readers.remove(key);
                told.forEach(keys::remove);
            }
        }
        for (Reader reader : told) {
            if (any || !names.isEmpty()) {
                reader.changed(any ? Set.of() : Set.copyOf(names));
            }
            if (!there) {
                reader.gone();
            }
        }
    }

    synchronized int watched() {
        return readers.size();
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            service.close();
        } catch (IOException e) {
            LOG.debug("close: {}", e.toString());
        }
    }
}
