package io.hostel.kernel;

import java.util.List;

/** The machine's open files: the kernel counts them for all, and holds each process to its own limit only; proc_sys_fs(5). */
public interface OpenFiles {

    /**
     * @param open of the whole machine, whoever opened them
     * @param most beyond which nobody without CAP_SYS_ADMIN opens any: fs.file-max
     */
    record Table(long open, long most) {}

    /**
     * @param uid its real one, as the host counts
     * @param descriptors how many it has open; several may be of one file
     */
    record Holder(ProcessIdentity process, int uid, long descriptors) {}

    Table table() throws KernelException;

    /** All processes that run as this uid or one above, which have open files; takes some ten microseconds for each process there is. */
    List<Holder> holders(int leastUid) throws KernelException;
}
