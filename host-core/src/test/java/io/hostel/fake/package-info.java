/**
 * A kernel for tests: stateful, in memory, as strict as the real one about order and as forgiving about repetition.
 *
 * <p>Start with {@link io.hostel.fake.FakeKernel}.
 */
@org.jspecify.annotations.NullMarked
package io.hostel.fake;
