package io.hostel.sandbox;

/**
 * Why a command is on its way out.
 *
 * @param kind whose doing it is
 * @param words for people, e.g. what the last probe found
 */
record Cause(Kind kind, String words) {
    enum Kind {
        /** Its own. */
        OWN,
        /** Ours, because somebody asked for it. */
        STOPPED,
        /** Ours, because it did not answer. */
        FAILED_HEALTH,
        /** Ours, because nobody holds its logs and its exit status any more. */
        LOST_MONITOR
    }

    static final Cause OWN = new Cause(Kind.OWN, "");
    static final Cause STOPPED = new Cause(Kind.STOPPED, "");
    static final Cause LOST_MONITOR = new Cause(Kind.LOST_MONITOR, "");

    static Cause failedHealth(String words) {
        return new Cause(Kind.FAILED_HEALTH, words);
    }

    boolean ours() {
        return kind != Kind.OWN;
    }
}
