package dev.precast.bench;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The embedded service on loopback, a process of its own with a data folder of its own. */
final class ServiceProcess implements AutoCloseable {
    private static final int START_SECONDS = 60;

    private final Process process;
    private final String address;
    private final Path data;

    private ServiceProcess(Process process, String address, Path data) {
        this.process = process;
        this.address = address;
        this.data = data;
    }

    /** @param home the folder that holds server and engine packs, as built */
    static ServiceProcess start(Path home, Path data) throws IOException, InterruptedException {
        Path jar = home.resolve("server/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new IOException(jar + " is missing: build it with ./mvnw -DskipTests package");
        }
        Files.createDirectories(data);
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path log = data.resolve("server.log");
        Process process = new ProcessBuilder(List.of(
                        ChildJvm.java(),
                        "-Dprecast.port=" + port,
                        "-Dprecast.data=" + data,
                        "-Dprecast.packs.folder=" + home.resolve("engines/target/packs"),
                        "-jar",
                        jar.toString()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        ServiceProcess service = new ServiceProcess(process, "http://127.0.0.1:" + port, data);
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS); System.nanoTime() < end; ) {
            if (service.isReady()) {
                return service;
            }
            if (!process.isAlive()) {
                break;
            }
            Thread.sleep(50);
        }
        service.close();
        throw new IOException("the service did not become ready, see " + log);
    }

    private boolean isReady() {
        try {
            HttpURLConnection ready = (HttpURLConnection)
                    URI.create(address + "/q/health/ready").toURL().openConnection();
            ready.setConnectTimeout(1000);
            ready.setReadTimeout(5000);
            return ready.getResponseCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    String address() {
        return address;
    }

    Path trustRoot() {
        return data.resolve("trust/root.pub");
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
