package io.hostel.network;

import io.hostel.api.Refusal;
import io.hostel.api.RefusedException;
import io.hostel.config.HostelConfig;

/** Tenants' numbers, from 1: the mark of its packets, and by it the range of uids that is its own. */
public final class TenantNumbers {

    /** The packet filter keeps the mark's upper bits to itself. */
    private static final int HIGHEST = (1 << 24) - 1;

    private final int uidBase;
    private final Slots slots;

    /** @param uidBase the first host uid handed to tenants */
    public TenantNumbers(int uidBase) {
        this.uidBase = uidBase;
        this.slots = new Slots(Math.min(HIGHEST, (Integer.MAX_VALUE - uidBase) / HostelConfig.UIDS_PER_TENANT));
    }

    /** @throws RefusedException NoCapacity where the uids do not suffice for another tenant */
    public int lease() {
        return 1
                + slots.lease()
                        .orElseThrow(() ->
                                new RefusedException(new Refusal.NoCapacity("all " + slots.size() + " uid ranges above "
                                        + uidBase + " are taken; lower hostel.tenants.uid-base or delete a tenant")));
    }

    /** Takes a number that is a tenant's by the records; false where it is taken already or out of range. */
    public boolean retake(int number) {
        return slots.retake(number - 1);
    }

    public void giveBack(int number) {
        slots.giveBack(number - 1);
    }

    /** The host uid of root inside a tenant's sandboxes. */
    public int uidBase(int number) {
        return uidBase + (number - 1) * HostelConfig.UIDS_PER_TENANT;
    }

    /** The number whose range begins with this uid. */
    public int numberOf(int base) {
        return (base - uidBase) / HostelConfig.UIDS_PER_TENANT + 1;
    }
}
