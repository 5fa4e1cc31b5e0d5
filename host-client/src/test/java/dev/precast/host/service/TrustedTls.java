package dev.precast.host.service;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A TLS context with a self-signed certificate, which this JVM trusts until this object is closed. Until then, this JVM
 * presents the certificate to servers that ask for one.
 */
final class TrustedTls implements AutoCloseable {
    private static final char[] PASSWORD = "password".toCharArray();
    private static final String TRUST_STORE = "javax.net.ssl.trustStore";
    private static final String TRUST_STORE_PASSWORD = "javax.net.ssl.trustStorePassword";

    private final Path store;
    private final SSLContext before = SSLContext.getDefault();
    private final SSLContext context = SSLContext.getInstance("TLS");

    private TrustedTls(Path store, KeyStore keys) throws GeneralSecurityException {
        this.store = store;
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(keys);
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        SSLContext.setDefault(context);
        System.setProperty(TRUST_STORE, store.toString());
        System.setProperty(TRUST_STORE_PASSWORD, new String(PASSWORD));
    }

    static TrustedTls forAddress(String address) throws Exception {
        Path store = Files.createTempDirectory("precast-tls").resolve("keys.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "own",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=test",
                        "-ext",
                        "san=ip:" + address,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "password")
                .inheritIO()
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("keytool: exit code " + process.exitValue());
        }
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
        // A trust store needs the certificate as an entry of its own.
        keys.setCertificateEntry("trusted", keys.getCertificate("own"));
        try (OutputStream out = Files.newOutputStream(store)) {
            keys.store(out, PASSWORD);
        }
        return new TrustedTls(store, keys);
    }

    ServerSocket listen() throws IOException {
        return context.getServerSocketFactory().createServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @Override
    public void close() throws IOException {
        SSLContext.setDefault(before);
        System.clearProperty(TRUST_STORE);
        System.clearProperty(TRUST_STORE_PASSWORD);
        Files.delete(store);
        Files.delete(store.getParent());
    }
}
