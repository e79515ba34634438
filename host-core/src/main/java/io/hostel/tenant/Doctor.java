package io.hostel.tenant;

import io.hostel.api.CapabilitiesView;
import io.hostel.api.DoctorView;

/** Looks at the machine itself. Both methods block. */
public interface Doctor {
    DoctorView examine();

    CapabilitiesView capabilities();
}
