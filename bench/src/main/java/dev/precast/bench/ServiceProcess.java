package dev.precast.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The service on loopback, a process of its own with a data folder of its own. */
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
        return start(home, data, List.of());
    }

    /**
     * The same, or one node of a fleet.
     *
     * @param options such as {@code -Dprecast.role=api}; none is the embedded service
     */
    static ServiceProcess start(Path home, Path data, List<String> options) throws IOException, InterruptedException {
        Path jar = home.resolve("server/target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new IOException(jar + " is missing: build it with ./mvnw -DskipTests package");
        }
        Files.createDirectories(data);
        int port = LoopbackServer.freePort();
        Path log = data.resolve("server.log");
        List<String> command = new ArrayList<>(List.of(
                ChildJvm.java(),
                "-Dprecast.port=" + port,
                "-Dprecast.data=" + data,
                "-Dprecast.packs.folder=" + home.resolve("engines/target/packs")));
        command.addAll(options);
        command.addAll(List.of("-jar", jar.toString()));
        Process process = new ProcessBuilder(command)
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

    /** The sum of a metric over those of its tags that hold {@code tag}; 0 if it was never counted. */
    double metric(String name, String tag) throws IOException {
        HttpURLConnection metrics =
                (HttpURLConnection) URI.create(address + "/q/metrics").toURL().openConnection();
        try (InputStream in = metrics.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                    .filter(line -> line.contains(tag))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
        }
    }

    String address() {
        return address;
    }

    long pid() {
        return process.pid();
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
