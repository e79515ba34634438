package io.hostel.kernel;

/** All that Hostel asks of the kernel, in one place to hand around. */
public interface Kernel {
    HostNetwork hostNetwork();

    Netns netns();

    Links links();

    PacketFilter filter();

    Cgroups cgroups();

    Layers layers();

    Launcher launcher();

    Processes processes();
}
