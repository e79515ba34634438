package io.hostel.cli;

import java.util.Optional;
import picocli.CommandLine;

/** Of this command line, as its archive's manifest has it. */
final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {
            "hostel "
                    + Optional.ofNullable(Hostel.class.getPackage().getImplementationVersion())
                            .orElse("of a build without a version")
        };
    }
}
