package dev.precast.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The verdicts on every artifact in every engine.
 *
 * @param engines the configurations from which Wasmtime makes an engine
 * @param impossible the configurations that contradict themselves, with Wasmtime's error
 * @param all one verdict for each host, artifact and module
 */
record WasmtimeVerdicts(List<TriedEngine> engines, Map<TriedEngine, String> impossible, List<Verdict> all) {
    /**
     * The verdict on one artifact in one host. An empty text means that the artifact is accepted; any other is the
     * refusal.
     *
     * @param raw the verdict of Wasmtime without our checks
     * @param ours the verdict of our check, if the attestation names the artifact's true lane
     * @param looked whether our check read the payload
     * @param tried whether the load side considers a probe of the lane worth trying
     * @param underHostsLane the verdict of our check, if the artifact is signed for the host's config and target, with
     *     the engine hash of the artifact
     * @param underHostsHash the verdict of our check, if the artifact is signed for the host's config, target and
     *     engine hash
     */
    record Verdict(
            TriedEngine host,
            TriedEngine artifact,
            String module,
            String raw,
            String ours,
            boolean looked,
            boolean tried,
            String underHostsLane,
            String underHostsHash) {}

    static WasmtimeVerdicts ask(List<String> versions, Path folder) throws Exception {
        List<TriedEngine> engines = new ArrayList<>();
        Map<TriedEngine, String> impossible = new LinkedHashMap<>();
        for (String version : versions) {
            List<TriedEngine> wanted = TriedEngine.of(version);
            Children made = new Children("compile", version, wanted, wanted, folder);
            made.run(wanted.size());
            for (int i = 0; i < wanted.size(); i++) {
                String words = made.answers(i).isEmpty()
                        ? made.ended(i)
                        : made.answers(i).getFirst()[2];
                if (words.equals(VerdictsChild.ACCEPTED)) {
                    engines.add(wanted.get(i));
                } else {
                    impossible.put(wanted.get(i), words);
                }
            }
        }
        List<Verdict> verdicts = new ArrayList<>();
        for (String version : versions) {
            List<TriedEngine> hosts = engines.stream()
                    .filter(engine -> engine.version().equals(version))
                    .toList();
            Children asked = new Children("try", version, hosts, engines, folder);
            asked.run(hosts.size() * engines.size());
            for (int step = 0; step < hosts.size() * engines.size(); step++) {
                for (String[] said : asked.answers(step)) {
                    verdicts.add(new Verdict(
                            hosts.get(step / engines.size()),
                            engines.get(step % engines.size()),
                            said[2],
                            said[3],
                            said[4],
                            Boolean.parseBoolean(said[5]),
                            Boolean.parseBoolean(said[6]),
                            said[7],
                            said[8]));
                }
                if (asked.answers(step).size() != TriedEngine.MODULES.size()) {
                    throw new AssertionError(hosts.get(step / engines.size()) + " given an artifact of "
                            + engines.get(step % engines.size()) + " ended its process: " + asked.ended(step));
                }
            }
        }
        return new WasmtimeVerdicts(List.copyOf(engines), impossible, List.copyOf(verdicts));
    }

    /** Runs child processes one after the other. Each starts after the step that ended the one before. */
    private static final class Children {
        private final String what;
        private final String version;
        private final Path mine;
        private final Path all;
        private final Path folder;
        private final Map<Integer, List<String[]>> answers = new LinkedHashMap<>();
        private final Map<Integer, String> ended = new LinkedHashMap<>();

        Children(String what, String version, List<TriedEngine> mine, List<TriedEngine> all, Path folder)
                throws IOException {
            this.what = what;
            this.version = version;
            this.mine = TriedEngine.write(mine, folder.resolve(what + version + ".mine"));
            this.all = TriedEngine.write(all, folder.resolve(what + version + ".all"));
            this.folder = folder;
        }

        List<String[]> answers(int step) {
            return answers.getOrDefault(step, List.of());
        }

        String ended(int step) {
            return ended.getOrDefault(step, "no answer");
        }

        void run(int steps) throws IOException, InterruptedException {
            for (int next = 0; next < steps; ) {
                int before = next;
                next = child(next, steps);
                if (next == before) {
                    throw new AssertionError("a child does nothing: " + Files.readString(folder.resolve("err")));
                }
            }
        }

        /** The first step that is left to do. */
        private int child(int first, int steps) throws IOException, InterruptedException {
            Path out = folder.resolve("out");
            Path err = folder.resolve("err");
            int exit = new ProcessBuilder(
                            LocalService.JAVA,
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:+SuppressFatalErrorMessage",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            VerdictsChild.class.getName(),
                            what,
                            TriedEngine.library(version).toString(),
                            mine.toString(),
                            all.toString(),
                            folder.toString(),
                            String.valueOf(first))
                    .directory(folder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start()
                    .waitFor();
            int at = first;
            for (String line : Files.readAllLines(out)) {
                String[] fields = line.split("\t", -1);
                int step = Integer.parseInt(fields[1]);
                if (fields[0].equals("begin")) {
                    at = step + 1;
                } else {
                    answers.computeIfAbsent(step, none -> new ArrayList<>()).add(fields);
                }
            }
            if (exit == 0) {
                return steps;
            }
            ended.put(at - 1, panic(Files.readAllLines(err)));
            return at;
        }

        /** What a panic said: the lines between where it was and the note on backtraces. */
        private static String panic(List<String> err) {
            StringBuilder said = new StringBuilder();
            boolean inside = false;
            for (String line : err) {
                if (line.startsWith("note:") || line.startsWith("stack backtrace")) {
                    inside = false;
                } else if (inside) {
                    said.append(said.isEmpty() ? "" : " ").append(line.strip());
                }
                inside |= line.contains("panicked at");
            }
            return said.isEmpty() ? "it ended: " + String.join(" ", err) : said.toString();
        }
    }
}
