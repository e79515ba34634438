package io.hostel.kernel;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Processes by pidfd (pidfd_open(2)): told apart by identity, watched on one epoll thread. */
public interface Processes {

    /** Empty where no process has that number. */
    Optional<ProcessIdentity> identify(int pid);

    boolean alive(ProcessIdentity process);

    /** Whether it lives but is stopped, by a signal or by a tracer; proc(5), states T and t. */
    boolean stopped(ProcessIdentity process);

    /**
     * Calls back once when the process has ended, at once if it has already; a child of this process is reaped then.
     *
     * @param ended runs on the epoll thread: must neither block nor throw
     */
    Watch watch(ProcessIdentity process, Runnable ended) throws KernelException;

    /** Numbers of all processes in the PID namespace of this one, itself included; none where it has ended. */
    List<Integer> inside(ProcessIdentity init);

    /**
     * Where TCP is listened for by IPv4 in the process's network namespace, by anybody; 0.0.0.0 is all addresses. Some dozens at
     * most are told; none where it has ended.
     */
    Set<InetSocketAddress> listening(ProcessIdentity process) throws KernelException;

    /** Sends a signal (signal(7)); to a process that has ended, nothing happens. */
    void signal(ProcessIdentity process, int signal) throws KernelException;

    /** Stops the calling back; closing twice is harmless. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }
}
