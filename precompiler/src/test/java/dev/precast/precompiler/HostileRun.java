package dev.precast.precompiler;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A {@link HostileWorker} in a JVM of its own, and the targets of its attacks. Not thread safe. */
final class HostileRun implements AutoCloseable {
    static final int NOBODY = 65534;
    static final int THIS_USER = -1;
    private static final Duration LONGEST = Duration.ofSeconds(90);

    private final Path folder;
    private final Process jvm;
    private final BufferedReader out;
    private final Writer in;
    private final int lanes;

    /**
     * Starts the worker.
     *
     * @param folder an empty folder that every user may enter
     * @param uid the worker's user; 0 or more changes to it, which only the user root can
     */
    HostileRun(Path folder, Surroundings surroundings, int uid, Confinement.Mode mode)
            throws IOException, InterruptedException, TimeoutException {
        this.folder = folder;
        List<String> command = command(
                folder, uid, HostileWorker.class, folder.resolve("worker").toString(), mode.name());
        jvm = surroundings.start(new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(folder.resolve("log").toFile()));
        out = jvm.inputReader(UTF_8);
        in = jvm.outputWriter(UTF_8);
        String ready = Objects.requireNonNull(readLine(), this::log);
        lanes = Integer.parseInt(ready.substring(HostileWorker.READY.length() + 1));
    }

    /**
     * A command that runs a program in a JVM of its own.
     *
     * @param folder a folder for the JVM; the JVM's user becomes its owner
     * @param uid the JVM's user, or {@link #THIS_USER}; only root can start a JVM of another user
     */
    static List<String> command(Path folder, int uid, Class<?> program, String... arguments) throws IOException {
        Path tmp = Files.createDirectory(folder.resolve("tmp"));
        List<String> command = new ArrayList<>(as(uid));
        command.addAll(List.of(
                PackCommand.java().toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + tmp,
                "-cp",
                uid < 0 ? System.getProperty("java.class.path") : copiedClasses(folder.resolve("classes")),
                program.getName()));
        command.addAll(List.of(arguments));
        give(folder, uid);
        return command;
    }

    /** Whether this user can start processes of other users. */
    static boolean canChangeUser() {
        return System.getProperty("user.name").equals("root") && Files.isExecutable(Path.of("/usr/bin/setpriv"));
    }

    /** The beginning of a command for another user. */
    static List<String> as(int uid) {
        String id = String.valueOf(uid);
        return uid < 0 ? List.of() : List.of("/usr/bin/setpriv", "--reuid", id, "--regid", id, "--clear-groups");
    }

    /** Copies the class path, since other users may not be able to read it. */
    private static String copiedClasses(Path to) throws IOException {
        Files.createDirectory(to);
        List<String> copies = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path from = Path.of(entry);
            if (!Files.exists(from)) {
                continue;
            }
            Path copy = to.resolve(String.valueOf(copies.size()) + (Files.isDirectory(from) ? "" : ".jar"));
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(from.relativize(file).toString()));
                }
            }
            copies.add(copy.toString());
        }
        return String.join(File.pathSeparator, copies);
    }

    /** Makes a user the owner of a folder and everything in it. */
    static void give(Path folder, int uid) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        if (uid >= 0) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList()) {
                    Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
                    Files.setAttribute(file, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
    }

    /** The number of lanes that the worker offers. */
    int lanes() {
        return lanes;
    }

    long pid() {
        return jvm.pid();
    }

    boolean isAlive() {
        return jvm.isAlive();
    }

    /** The folder of children's folders. */
    Path jobs() {
        return folder.resolve("worker/work/jobs");
    }

    /** The worker's log. */
    String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** How often the supervisor lacked something. */
    String trouble() throws IOException, InterruptedException, TimeoutException {
        return answer(HostileWorker.TROUBLE).text();
    }

    /**
     * The answer of a worker.
     *
     * @param state compiled, rejected or failed; ended if the worker has ended
     * @param text the payload, or why there is none
     */
    record Answer(String state, String text) {}

    Answer compile(String script) throws IOException, InterruptedException, TimeoutException {
        return answer(Base64.getEncoder().encodeToString(script.getBytes(UTF_8)));
    }

    private Answer answer(String line) throws IOException, InterruptedException, TimeoutException {
        try {
            in.write(line + "\n");
            in.flush();
        } catch (IOException e) {
            return new Answer("ended", log());
        }
        @Nullable String answer = readLine();
        if (answer == null) {
            return new Answer("ended", log());
        }
        String[] words = answer.split(" ");
        return new Answer(
                words[0], words.length < 2 ? "" : new String(Base64.getDecoder().decode(words[1]), UTF_8));
    }

    private @Nullable String readLine() throws IOException, InterruptedException, TimeoutException {
        FutureTask<@Nullable String> line = new FutureTask<>(out::readLine);
        Thread.ofPlatform().daemon().start(line);
        try {
            return line.get(LONGEST.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return null;
        }
    }

    /** What remains of a job after its end: files or processes; empty if nothing. */
    List<String> remains() throws IOException, InterruptedException {
        List<String> remains = List.of();
        for (int i = 0; i < 20; i++) {
            remains = remainsNow();
            if (remains.isEmpty()) {
                break;
            }
            Thread.sleep(100);
        }
        return remains;
    }

    private List<String> remainsNow() throws IOException {
        List<String> remains = new ArrayList<>();
        Path aside = jobs().resolveSibling("aside");
        for (Path place : List.of(jobs(), aside)) {
            if (Files.exists(place)) {
                try (Stream<Path> files = Files.list(place)) {
                    if (files.anyMatch(file -> !file.endsWith("neighbour"))) {
                        remains.add("files");
                    }
                }
            }
        }
        boolean running = ProcessHandle.of(pid()).stream()
                        .flatMap(ProcessHandle::descendants)
                        .anyMatch(ProcessHandle::isAlive)
                || ProcessHandle.allProcesses()
                        .anyMatch(process -> process.info()
                                .commandLine()
                                .filter(line -> line.contains("precast-chain"))
                                .isPresent());
        if (running) {
            remains.add("processes");
        }
        return remains;
    }

    @Override
    public void close() throws InterruptedException {
        jvm.destroyForcibly();
        jvm.waitFor();
    }

    /** Differences between two states of targets, by what they are. */
    static List<String> differences(Map<String, Object> before, Map<String, Object> after) {
        return before.keySet().stream()
                .filter(name -> !before.get(name).equals(after.get(name)))
                .toList();
    }
}
