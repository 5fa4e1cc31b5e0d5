package dev.precast.nats;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS from PEM files.
 *
 * @param caFile file with the CA certificates to trust; empty means the JDK's
 * @param client this client's certificate, for servers that require one
 */
public record NatsTls(Optional<Path> caFile, Optional<ClientCertificate> client) {
    /** The JDK's CA certificates and no client certificate. */
    public static final NatsTls DEFAULT = new NatsTls(Optional.empty(), Optional.empty());

    private static final char[] NO_PASSWORD = {};

    /**
     * A client certificate.
     *
     * @param chain file with the certificate and its intermediates
     * @param key file with the certificate's private key, PKCS #8, not encrypted
     */
    public record ClientCertificate(Path chain, Path key) {}

    /** @throws IllegalArgumentException if a file cannot be used; the message names it */
    SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    client.isPresent() ? own(client.get()) : null,
                    caFile.isPresent() ? trusted(caFile.get()) : null,
                    null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("NATS TLS: a PEM file cannot be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trusted(Path pem) throws GeneralSecurityException, IOException {
        KeyStore store = empty();
        int number = 0;
        for (Certificate certificate : certificates(pem)) {
            store.setCertificateEntry("ca-" + number++, certificate);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] own(ClientCertificate client) throws GeneralSecurityException, IOException {
        List<Certificate> chain = certificates(client.chain());
        KeyStore store = empty();
        store.setKeyEntry(
                "own",
                privateKey(client.key(), chain.getFirst().getPublicKey().getAlgorithm()),
                NO_PASSWORD,
                chain.toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    private static List<Certificate> certificates(Path pem) throws GeneralSecurityException, IOException {
        List<Certificate> found = List.copyOf(CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(pem))));
        if (found.isEmpty()) {
            throw new IOException(pem + ": expected certificates in PEM form, found none");
        }
        return found;
    }

    private static PrivateKey privateKey(Path pem, String algorithm) throws GeneralSecurityException, IOException {
        String text = Files.readString(pem);
        String start = "-----BEGIN PRIVATE KEY-----";
        int from = text.indexOf(start);
        int to = text.indexOf("-----END PRIVATE KEY-----");
        if (from < 0 || to < from) {
            throw new IOException(pem + ": expected " + start + ", a PKCS #8 key that is not encrypted; "
                    + "convert the key with openssl pkcs8 -topk8 -nocrypt");
        }
        byte[] der = Base64.getMimeDecoder().decode(text.substring(from + start.length(), to));
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    }
}
