package io.hostel.api.http;

import io.hostel.api.Caller;

/**
 * One of those among whom the API's room is shared out: a tenant, whatever its tokens; the operator; and all callers without a
 * token together.
 */
record Party(String name, boolean operator) {
    static final Party OPERATOR = new Party("operator", true);
    static final Party ANYBODY = new Party("anybody", false);

    static Party of(Caller caller) {
        return caller instanceof Caller.Tenant tenant ? new Party("tenant:" + tenant.id(), false) : OPERATOR;
    }
}
