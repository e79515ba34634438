package io.hostel.bench;

/** One measure; it starts and stops its own host. */
interface Measure {
    /**
     * @param number how many rounds or sandboxes, 0 for the measure's own default
     * @param limit what prints the limit of the machine
     */
    void run(Place place, int number, Limit limit, Report report) throws Exception;
}
