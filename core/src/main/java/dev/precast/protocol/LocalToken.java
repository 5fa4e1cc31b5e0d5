package dev.precast.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The token of a service without configured authentication. The service makes a new token at each start and writes it
 * to the file {@code local.token} in its data folder, which only the service's user may read. A caller with this token
 * has all roles. The file is one line: the service's address, a blank, and the token.
 *
 * @param secret 32 random bytes in base64url, without padding
 */
public record LocalToken(String secret) {
    private static final int SECRET_BYTES = 32;
    private static final int SECRET_CHARS = 43;
    private static final int MAX_FILE_BYTES = 1024;
    private static final Set<PosixFilePermission> OWNER =
            EnumSet.range(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_EXECUTE);

    /** @throws IllegalArgumentException if the secret does not have 43 characters of base64url */
    public LocalToken {
        if (!isSecret(secret)) {
            throw new IllegalArgumentException("local token: malformed (expected " + SECRET_CHARS
                    + " characters of base64url, found " + secret.length() + " characters)");
        }
    }

    /** Makes a new random token. */
    public static LocalToken generate() {
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        return new LocalToken(Base64.getUrlEncoder().withoutPadding().encodeToString(random));
    }

    /** The file of the token in a data folder. */
    public static Path file(Path data) {
        return data.resolve("local.token");
    }

    /**
     * The data folder of this user's embedded service: {@code PRECAST_DATA}, else {@code precast} in the folder for
     * data of the XDG base directory specification.
     *
     * @param environment the environment variables
     */
    public static Path dataFolder(Map<String, String> environment) {
        String named = environment.getOrDefault("PRECAST_DATA", "");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        Path data = Path.of(environment.getOrDefault("XDG_DATA_HOME", ""));
        if (!data.isAbsolute()) {
            String home = environment.getOrDefault("HOME", "");
            data = Path.of(home.isEmpty() ? System.getProperty("user.home", ".") : home, ".local", "share");
        }
        return data.resolve("precast");
    }

    /** The content of the file of this token, for the service at this address. */
    public String line(URI service) {
        return service + " " + secret;
    }

    /**
     * Finds the token of a service on this machine. The token is meant only for the address in the file: host and port
     * must be equal, but {@code localhost} also stands for 127.0.0.1.
     *
     * @param data the service's data folder
     * @param service the service's address
     * @return empty if there is no token for this address that this process may read
     * @throws IOException if the address is on this machine and the file is malformed or not a regular file, or other
     *     users have access to the token; the message says what to do
     */
    public static Optional<LocalToken> find(Path data, URI service) throws IOException {
        String asked = localAddress(service.toString());
        Path file = file(data);
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        try {
            String line = read(file);
            int blank = line.indexOf(' ');
            if (blank < 0 || !isSecret(line.substring(blank + 1))) {
                throw unusable(file, "is malformed (expected an address and a token)");
            }
            if (!asked.equals(localAddress(line.substring(0, blank)))) {
                return Optional.empty();
            }
            requirePrivate(file);
            return Optional.of(new LocalToken(line.substring(blank + 1)));
        } catch (NoSuchFileException | AccessDeniedException e) {
            return Optional.empty();
        }
    }

    private static String read(Path file) throws IOException {
        if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw unusable(file, "is not a regular file");
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.US_ASCII).strip();
        }
    }

    private static void requirePrivate(Path file) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")
                && !OWNER.containsAll(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))) {
            throw unusable(file, "can be read or written by other users");
        }
    }

    private static IOException unusable(Path file, String problem) {
        return new IOException("local token " + file + ": " + problem + "; delete it and restart the service");
    }

    /** Host and port of an http address on this machine; an empty text for any other address. */
    private static String localAddress(String uriText) {
        try {
            URI uri = new URI(uriText);
            String host = String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT);
            if (Loopback.isHost(host) && "http".equalsIgnoreCase(uri.getScheme())) {
                String address = host.equals("localhost") ? "127.0.0.1" : host;
                return address + ":" + (uri.getPort() < 0 ? 80 : uri.getPort());
            }
        } catch (URISyntaxException e) {
            // Not an address.
        }
        return "";
    }

    private static boolean isSecret(String text) {
        if (text.length() != SECRET_CHARS) {
            return false;
        }
        // No stream: in a starting host, the first lambda costs more time than this loop.
        for (int i = 0; i < SECRET_CHARS; i++) {
            char c = text.charAt(i);
            if (c >= 128 || !(Character.isLetterOrDigit(c) || c == '-' || c == '_')) {
                return false;
            }
        }
        return true;
    }

    /** Does not contain the secret. */
    @Override
    public String toString() {
        return "LocalToken";
    }
}
