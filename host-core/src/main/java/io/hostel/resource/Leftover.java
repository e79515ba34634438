package io.hostel.resource;

/**
 * Something that could not be taken back: someone owns it and tries again.
 *
 * @param step name of the step
 * @param why for people: what was refused and by whom
 */
public record Leftover(String step, String why) {
    @Override
    public String toString() {
        return step + ": " + why;
    }
}
