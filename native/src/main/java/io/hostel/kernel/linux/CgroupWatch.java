package io.hostel.kernel.linux;

import io.hostel.kernel.Listening;
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
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens to directories of control groups by inotify(7), on a thread of its own. */
final class CgroupWatch implements Listening {
    private static final Logger LOG = LoggerFactory.getLogger(CgroupWatch.class);

    private final WatchService service;
    private final Consumer<String> gone;

    private CgroupWatch(WatchService service, Consumer<String> gone) {
        this.service = service;
        this.gone = gone;
    }

    static CgroupWatch begin(List<Path> directories, Consumer<String> gone) throws IOException {
        WatchService service = FileSystems.getDefault().newWatchService();
        try {
            for (Path directory : directories) directory.register(service, StandardWatchEventKinds.ENTRY_DELETE);
        } catch (IOException e) {
            service.close();
            throw e;
        }
        CgroupWatch watch = new CgroupWatch(service, gone);
        Thread thread = new Thread(watch::listen, "hostel-watch-cgroups");
        thread.setDaemon(true);
        thread.start();
        return watch;
    }

    /** Listens to these too; they go with what is in them, and are not listened to any more then. */
    void also(List<Path> directories) {
        try {
            for (Path directory : directories) directory.register(service, StandardWatchEventKinds.ENTRY_DELETE);
        } catch (NoSuchFileException | NotDirectoryException gone) {
            LOG.debug("control group {} is gone again", gone.getFile());
        } catch (ClosedWatchServiceException closed) {
            LOG.debug("control groups are not watched any more");
        } catch (IOException e) {
            LOG.warn("control groups {} are not watched: {}", directories, e.toString());
        }
    }

    private void listen() {
        try {
            while (true) {
                WatchKey key = service.take();
                for (WatchEvent<?> event : key.pollEvents()) {
                    // What was lost in an overflow is found by the regular look.
                    if (event.context() instanceof Path name) gone.accept(name.toString());
                }
                if (!key.reset()) LOG.debug("control groups in {} are not watched any more: it is gone", key.watchable());
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            LOG.debug("control groups are not watched any more");
        }
    }

    @Override
    public void close() {
        try {
            service.close();
        } catch (IOException e) {
            LOG.warn("end the watch over control groups: {}", e.toString());
        }
    }
}
