package io.hostel.api.http;

import java.util.regex.Pattern;

/** The forms of names that come from outside. */
final class Names {
    /** What a bad name is told. */
    static final String LABEL_RULE =
            "must be a DNS label: 1 to 30 of a-z, 0-9 and '-', beginning and ending with a letter or digit";

    private static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?");
    private static final Pattern SANDBOX = Pattern.compile("[a-z0-9]{1,12}");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final Pattern IMAGE = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern USER = Pattern.compile("[0-9]{1,5}(?::[0-9]{1,5})?");
    private static final Pattern HTTP_PATH = Pattern.compile("/[!-~]*");

    private Names() {}

    static boolean isLabel(String text) {
        return LABEL.matcher(text).matches();
    }

    static boolean isSandbox(String text) {
        return SANDBOX.matcher(text).matches();
    }

    static boolean isToken(String text) {
        return TOKEN.matcher(text).matches();
    }

    static boolean isVariable(String text) {
        return VARIABLE.matcher(text).matches();
    }

    static boolean isDigest(String text) {
        return DIGEST.matcher(text).matches();
    }

    static boolean isImage(String text) {
        return IMAGE.matcher(text).matches();
    }

    /** A uid or {@code uid:gid}, each within 0..65534: 65535 is nobody to setresuid(2). */
    static boolean isUser(String text) {
        if (!USER.matcher(text).matches()) {
            return false;
        }
        for (String id : text.split(":", -1)) {
            if (Integer.parseInt(id) > 65_534) {
                return false;
            }
        }
        return true;
    }

    /** What may stand in a request line: it begins with a slash, and holds no blank, no control and no non-ASCII character. */
    static boolean isHttpPath(String text) {
        return HTTP_PATH.matcher(text).matches();
    }
}
