package io.hostel.sandbox;

import akka.actor.typed.ActorRef;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Who supervises which sandbox now, for those who know a sandbox by its name alone. Safe for any thread. */
public final class Roll {
    private final Map<String, ActorRef<SandboxSupervisor.Command>> supervisors = new ConcurrentHashMap<>();

    void enter(String id, ActorRef<SandboxSupervisor.Command> supervisor) {
        supervisors.put(id, supervisor);
    }

    void leave(String id, ActorRef<SandboxSupervisor.Command> supervisor) {
        supervisors.remove(id, supervisor);
    }

    /** @return whether there is anybody to tell */
    public boolean tell(String id, SandboxSupervisor.Command command) {
        ActorRef<SandboxSupervisor.Command> supervisor = supervisors.get(id);
        if (supervisor != null) {
            supervisor.tell(command);
        }
        return supervisor != null;
    }
}
