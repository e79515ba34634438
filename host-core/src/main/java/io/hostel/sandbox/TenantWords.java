package io.hostel.sandbox;

import io.hostel.kernel.KernelException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why something went wrong, as tenants are told it: where the host keeps its things is none of their business, and of no use to
 * them. The host's log keeps the whole.
 */
public final class TenantWords {
    private static final Logger LOG = LoggerFactory.getLogger(TenantWords.class);

    /** With the word that leads to it, and the descriptor that it was opened as. */
    private static final Pattern PATH = Pattern.compile("(?:(?: (?:in|of|at|to|on|from|below|with))? |(?<=^|[(\"'=]))"
            + "[\"']?/[^\\s:,;()\"']+[\"']?(?: \\(descriptor \\d+\\))?");

    private static final Pattern DESCRIPTOR = Pattern.compile(" ?\\(descriptor \\d+\\)");

    private TenantWords() {}

    /** Paths of what a command itself was to be are the tenant's own. */
    public static String of(KernelException refused) {
        String whole = String.valueOf(refused.getMessage());
        return refused.operation().equals("exec") ? whole : of(whole);
    }

    public static String of(String whole) {
        String told = DESCRIPTOR.matcher(PATH.matcher(whole).replaceAll("")).replaceAll("");
        if (!told.equals(whole)) {
            LOG.warn("{}", whole);
        }
        return told;
    }
}
