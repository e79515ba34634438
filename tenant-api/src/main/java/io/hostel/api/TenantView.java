package io.hostel.api;

import io.hostel.config.Quota;

/**
 * @param subnet the tenant's first block, e.g. {@code 10.77.3.0/24}
 * @param uidBase host uid of its root
 */
public record TenantView(String id, String subnet, int uidBase, int uidCount, Quota quota, Quota usage) {}
