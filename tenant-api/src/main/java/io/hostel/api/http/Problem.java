package io.hostel.api.http;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.hostel.api.Refusal;
import io.hostel.api.Refusal.FieldProblem;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Why a call was not done (RFC 9457).
 *
 * @param type {@code /problems/} and a word that programs may rely on
 * @param code for conflicts: which
 * @param retryAfter seconds; said with a status of 429 and 503
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record Problem(
        String type,
        String title,
        int status,
        String detail,
        Optional<String> code,
        List<FieldProblem> errors,
        @JsonIgnore long retryAfter) {
    static final String MEDIA_TYPE = "application/problem+json";

    static Problem of(int status, String word, String title, String detail) {
        return new Problem("/problems/" + word, title, status, detail, Optional.empty(), List.of(), 1);
    }

    static Problem of(Refusal refusal) {
        String detail = refusal.detail();
        if (refusal instanceof Refusal.Invalid invalid) {
            return of(422, "invalid", "The request contradicts its rules", detail)
                    .withErrors(invalid.problems());
        } else if (refusal instanceof Refusal.NotFound) {
            return notFound(detail);
        } else if (refusal instanceof Refusal.Forgotten) {
            return of(410, "gone", "It is not kept any more", detail);
        } else if (refusal instanceof Refusal.Conflict conflict) {
            Problem problem = of(409, "conflict", "The present state does not allow it", detail);
            return new Problem(
                    problem.type, problem.title, problem.status, detail, Optional.of(conflict.code()), List.of(), 1);
        } else if (refusal instanceof Refusal.OverQuota overQuota) {
            return of(403, "over-quota", "The tenant's quota does not allow it", detail)
                    .withErrors(overQuota.problems());
        } else if (refusal instanceof Refusal.TooLarge) {
            return of(413, "too-large", "Too large", detail);
        } else if (refusal instanceof Refusal.BadArchive) {
            return of(422, "bad-archive", "The archive holds what it must not", detail);
        } else if (refusal instanceof Refusal.NoCapacity) {
            return of(503, "no-capacity", "The machine has no more room", detail);
        } else if (refusal instanceof Refusal.DiskFull) {
            return of(507, "disk-full", "The host's disk is full", detail);
        }
        return of(503, "unavailable", "Not now", detail);
    }

    static Problem notFound(String detail) {
        return of(404, "not-found", "There is no such thing", detail);
    }

    static Problem malformed(String detail) {
        return of(400, "malformed", "The request is not understood", detail);
    }

    static Problem internal() {
        return of(500, "internal", "The host failed", "the host failed at this; its log says why");
    }

    static Problem tooMany(String detail) {
        return of(429, "too-many-calls", "Too many at a time", detail);
    }

    /** @param pause until a call will be taken */
    static Problem tooFast(Party who, boolean changing, Duration pause) {
        long seconds = Math.max(1, (pause.toMillis() + 999) / 1000);
        String calls = (changing ? "changing" : "reading") + " calls";
        return of(
                        429,
                        "too-many-calls",
                        "Too many in too short a time",
                        (who.equals(Party.ANYBODY) ? "all " + calls + " without a token" : "this tenant's " + calls)
                                + " come faster than the host takes them; try again in " + seconds + " s")
                .withRetryAfter(seconds);
    }

    static Problem unavailable(String detail) {
        return of(new Refusal.Unavailable(detail));
    }

    Problem withErrors(List<FieldProblem> fields) {
        return new Problem(type, title, status, detail, code, fields, retryAfter);
    }

    Problem withRetryAfter(long seconds) {
        return new Problem(type, title, status, detail, code, errors, seconds);
    }

    Answer answer() {
        Answer answer = Answer.text(status, MEDIA_TYPE, Json.write(this));
        return status == 503 || status == 429 ? answer.with("Retry-After", Long.toString(retryAfter)) : answer;
    }

    /** Carries a problem that only the HTTP side knows. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Problem problem;

        Refused(Problem problem) {
            super(problem.detail(), null, false, false);
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }
}
