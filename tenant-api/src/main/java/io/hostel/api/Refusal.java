package io.hostel.api;

import java.util.List;

/** Why something asked for is not done. Every case carries a text for the person who asked. */
public sealed interface Refusal {

    String detail();

    /** The request contradicts its rules; every bad field is named. */
    record Invalid(String detail, List<FieldProblem> problems) implements Refusal {
        public Invalid {
            problems = List.copyOf(problems);
        }
    }

    /** There is none, or it is another tenant's. */
    record NotFound(String detail) implements Refusal {}

    /** There was one, and it is not kept any more. */
    record Forgotten(String detail) implements Refusal {}

    /** It exists, and its state does not allow this. */
    record Conflict(String code, String detail) implements Refusal {}

    /** The tenant's quota does not allow it; the detail holds the numbers. */
    record OverQuota(String detail, List<FieldProblem> problems) implements Refusal {
        public OverQuota {
            problems = List.copyOf(problems);
        }
    }

    /** A body or an archive is larger than allowed. */
    record TooLarge(String detail) implements Refusal {}

    /** An archive holds what must not be in it; the detail names the entry. */
    record BadArchive(String detail) implements Refusal {}

    /** The machine has no more of something: addresses, ports, uid ranges, bridge ports. */
    record NoCapacity(String detail) implements Refusal {}

    /** The state disk is full. */
    record DiskFull(String detail) implements Refusal {}

    /** Not now: starting, stopping, or too slow; worth trying again. */
    record Unavailable(String detail) implements Refusal {}

    /** @param pointer JSON pointer of the field (RFC 6901), e.g. {@code /processes/web/port} */
    record FieldProblem(String pointer, String detail) {}
}
