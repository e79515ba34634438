package io.hostel.kernel;

/** Somebody is told of changes until this is closed; closing twice is harmless. */
public interface Listening extends AutoCloseable {
    @Override
    void close();
}
