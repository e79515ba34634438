package io.hostel.api.http;

/** Who may make a call. */
enum Access {
    /** Everybody where the API listens on loopback only, else whoever has a token. */
    OPEN,
    /** As {@link #OPEN}, but beyond loopback only the operator: it shows what all tenants do. */
    OPEN_OR_OPERATOR,
    /** Whoever has a token. */
    CALLER,
    /** The tenant that the path names, and the operator. */
    TENANT,
    /** The operator; the tenant that the path names is told so, others that there is no such tenant. */
    TENANT_BY_OPERATOR,
    OPERATOR
}
