package dev.precast.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The task of a measured process. Members that a mode does not need may be empty.
 *
 * @param file the module
 * @param digest its digest, as a host knows it from its deployment
 * @param folder folder of the mode's cache
 * @param service address of the service
 * @param root file with the trust root's public key
 * @param library path of Wasmtime's library; empty for Chicory
 */
record Job(Path file, String digest, Path folder, String service, String root, String library) {
    private static final int WORDS = 6;

    /** Parses the arguments after the mode. */
    static Job of(String[] args) {
        return new Job(Path.of(args[1]), args[2], Path.of(args[3]), args[4], args[5], args[6]);
    }

    /** The arguments after the job: those of the first call. */
    static List<String> rest(String[] args) {
        return Arrays.asList(args).subList(1 + WORDS, args.length);
    }

    List<String> words() {
        return List.of(file.toString(), digest, folder.toString(), service, root, library);
    }
}
