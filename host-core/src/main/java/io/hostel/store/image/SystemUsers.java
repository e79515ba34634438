package io.hostel.store.image;

import java.util.List;
import java.util.stream.Collectors;

/** passwd(5) and group(5) with the system's own users: names that programs look up, and nothing about people. */
final class SystemUsers {
    private static final int FIRST_PERSON = 1_000;
    private static final int NOBODY = 65_534;

    private SystemUsers() {}

    /** No real names, no passwords, no shells but root's. */
    static String passwd(List<String> lines) {
        return lines.stream()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length == 7 && isSystem(fields[2]) && fields[3].matches("[0-9]{1,9}"))
                .map(fields -> fields[0] + ":x:" + fields[2] + ":" + fields[3] + "::" + home(fields) + ":"
                        + (fields[2].equals("0") ? "/bin/sh" : "/usr/sbin/nologin"))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String home(String[] fields) {
        return fields[2].equals("0") ? "/root" : fields[5];
    }

    static String group(List<String> lines) {
        return lines.stream()
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length == 4 && isSystem(fields[2]))
                .map(fields -> fields[0] + ":x:" + fields[2] + ":")
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static boolean isSystem(String id) {
        return id.matches("[0-9]{1,9}") && (Integer.parseInt(id) < FIRST_PERSON || Integer.parseInt(id) == NOBODY);
    }
}
