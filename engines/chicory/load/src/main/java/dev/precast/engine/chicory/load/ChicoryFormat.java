package dev.precast.engine.chicory.load;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.WasmModule;
import dev.precast.artifact.CompileConfig;
import dev.precast.artifact.Digest;
import dev.precast.artifact.EngineHash;
import dev.precast.artifact.EngineId;
import dev.precast.artifact.Lane;
import dev.precast.artifact.Target;
import dev.precast.bundle.BundleFormat;
import dev.precast.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/**
 * Constants that compile side and load side share: names in a bundle, the engine, its hash and its default config. See
 * {@code docs/explanation/chicory.md}.
 */
public final class ChicoryFormat {
    /** The engine and the revision of this pack. */
    public static final EngineId ENGINE = new EngineId("chicory", "1.7.5", 2);
    /** The name of the profile with {@link #DEFAULT_CONFIG}. */
    public static final String DEFAULT_PROFILE = "default";
    /** The config of the default profile. */
    public static final CompileConfig DEFAULT_CONFIG =
            new CompileConfig(JsonObject.EMPTY.with("functionsPerClass", 50).with("interpreterFallback", "silent"));

    /** The class that implements the engine's machine. */
    public static final String MAIN_CLASS = "precast/Module";
    /**
     * The helper class, which generated code calls for operations that the engine lacks. It is part of the host;
     * bundles do not contain it.
     */
    public static final String HELPER_CLASS = MAIN_CLASS + "Shaded";
    /** Name of the entry that holds the module without its function bodies. */
    public static final String SKELETON = "skeleton.wasm";
    /**
     * Name of the entry that holds the whole module. This entry replaces the skeleton if interpreted functions may
     * reach other functions' bodies.
     */
    public static final String WHOLE_MODULE = "module.wasm";
    /** Prefix of entries with class files, followed by the internal class name. */
    public static final String CLASS_PREFIX = "class/";
    /**
     * Prefix of entries with bodies of interpreted functions, followed by the function's index. Beside
     * {@link #WHOLE_MODULE} these entries are empty and only name the functions.
     */
    public static final String BODY_PREFIX = "body/";

    private ChicoryFormat() {}

    /**
     * The lane of a config in this process's engine.
     *
     * @throws dev.precast.load.UnsupportedHostException if the engine's packages were relocated
     */
    public static Lane lane(CompileConfig config) {
        return new Lane(ENGINE, engineHash(), config, Target.JVM);
    }

    /**
     * The engine hash of this process: a digest of the format, the engine's name and the engine's class files that
     * generated code refers to.
     *
     * @throws dev.precast.load.UnsupportedHostException if the engine's packages were relocated
     */
    public static EngineHash engineHash() {
        HostSupport.requireOwnNames();
        MessageDigest sha256 = Digest.sha256();
        sha256.update((BundleFormat.NAME + '\n' + ENGINE.name() + '\n').getBytes(StandardCharsets.UTF_8));
        try (ClassFiles engine = new ClassFiles(Instance.class, WasmModule.class)) {
            for (String name : lines("engine-classes.txt")) {
                byte[] bytes = engine.read(name);
                sha256.update((name + ' ' + bytes.length + '\n').getBytes(StandardCharsets.UTF_8));
                sha256.update(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("class files of the engine: cannot be read", e);
        }
        return new EngineHash(Digest.finish(sha256));
    }

    /** Reads the lines of a text file next to this class. */
    static List<String> lines(String resource) {
        String folder = ChicoryFormat.class.getPackageName().replace('.', '/') + '/';
        try (ClassFiles own = new ClassFiles(ChicoryFormat.class)) {
            byte[] text = own.resource(folder + resource);
            if (text == null) {
                throw new IllegalStateException("resource " + resource + ": not found next to " + ChicoryFormat.class);
            }
            return List.of(new String(text, StandardCharsets.UTF_8).split("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + resource + ": cannot be read", e);
        }
    }
}
