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
 * What compile side and load side agree on: names in a bundle, the engine, its hash and its default config. The page
 * on the engine's design describes it.
 */
public final class ChicoryFormat {
    /** The engine and the revision of the pack that this code belongs to. */
    public static final EngineId ENGINE = new EngineId("chicory", "1.7.5", 1);
    /** The name under which the pack offers {@link #DEFAULT_CONFIG}. */
    public static final String DEFAULT_PROFILE = "default";
    /** The default profile. */
    public static final CompileConfig DEFAULT_CONFIG =
            new CompileConfig(JsonObject.EMPTY.with("functionsPerClass", 50).with("interpreterFallback", "silent"));

    /** The class that implements the engine's machine. */
    public static final String MAIN_CLASS = "precast/Module";
    /** The class that generated code calls for what is not in the engine; the host's own, in no bundle. */
    public static final String HELPER_CLASS = MAIN_CLASS + "Shaded";
    /** Entry: the module without the bodies of its functions. */
    public static final String SKELETON = "skeleton.wasm";
    /** Entry in the skeleton's place if an interpreted function may run any other one's body: the whole module. */
    public static final String WHOLE_MODULE = "module.wasm";
    /** Entries of class files; the internal class name follows. */
    public static final String CLASS_PREFIX = "class/";
    /** Entries of interpreted functions' bodies; the function's index follows. */
    public static final String BODY_PREFIX = "body/";

    private ChicoryFormat() {}

    /**
     * The lane of a config in this process's engine.
     *
     * @throws dev.precast.load.UnsupportedHostException if the engine's classes are not there under their own names
     */
    public static Lane lane(CompileConfig config) {
        return new Lane(ENGINE, engineHash(), config, Target.JVM);
    }

    /**
     * Says which artifacts this process's engine loads: a digest over the format, the engine's name and the class
     * files of the engine that generated code refers to, as they are found here.
     *
     * @throws dev.precast.load.UnsupportedHostException if the engine's classes are not there under their own names
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
            throw new UncheckedIOException("class files of the engine", e);
        }
        return new EngineHash(Digest.finish(sha256));
    }

    /** The lines of a text file that stands beside this class. */
    static List<String> lines(String resource) {
        String folder = ChicoryFormat.class.getPackageName().replace('.', '/') + '/';
        try (ClassFiles own = new ClassFiles(ChicoryFormat.class)) {
            byte[] text = own.resource(folder + resource);
            if (text == null) {
                throw new IllegalStateException("resource " + resource + " is not beside " + ChicoryFormat.class);
            }
            return List.of(new String(text, StandardCharsets.UTF_8).split("\n"));
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + resource, e);
        }
    }
}
