package io.hostel.store;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Bearer secrets: 256 random bits behind a prefix that secret scanners can find. Hashing them once is enough, for there is no
 * guessing them.
 */
public final class Tokens {
    public static final String OPERATOR_PREFIX = "hostel_op_";
    public static final String TENANT_PREFIX = "hostel_tn_";

    private static final int SECRET_BYTES = 32;
    private static final int ID_LENGTH = 10;
    private static final String ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final SecureRandom RANDOM = new SecureRandom();

    private Tokens() {}

    public static String newTenantSecret() {
        return TENANT_PREFIX + secret();
    }

    public static String newOperatorSecret() {
        return OPERATOR_PREFIX + secret();
    }

    /** A token's public name, {@code [a-z0-9]{10}}. */
    public static String newId() {
        StringBuilder id = new StringBuilder(ID_LENGTH);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_CHARACTERS.charAt(RANDOM.nextInt(ID_CHARACTERS.length())));
        }
        return id.toString();
    }

    /** SHA-256 of the secret, hex: what {@link DesiredState.StoredToken} keeps. */
    public static String hash(String secret) {
        return HexFormat.of().formatHex(sha256().digest(secret.getBytes(StandardCharsets.UTF_8)));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private static String secret() {
        byte[] bytes = new byte[SECRET_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
