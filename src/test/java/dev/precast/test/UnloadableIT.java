package dev.precast.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.Instance;
import dev.precast.artifact.Digest;
import dev.precast.attestation.Attestation;
import dev.precast.attestation.SizedDigest;
import dev.precast.bundle.BundleEntry;
import dev.precast.bundle.BundleException;
import dev.precast.bundle.BundleIndex;
import dev.precast.bundle.BundleWriter;
import dev.precast.cache.store.DocumentNames;
import dev.precast.engine.chicory.load.ChicoryFormat;
import dev.precast.engine.chicory.load.ChicoryLoader;
import dev.precast.host.MissPolicy;
import dev.precast.host.Precast;
import dev.precast.protocol.KeyState;
import dev.precast.testing.Scale;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** A signed artifact with a class that the JVM refuses when it is used. */
@Tag("engines")
@EnabledIfSystemProperty(
        named = Scale.TIER,
        matches = "full",
        disabledReason = "starts two servers; HealingIT, WholeCheckTest and HostileServiceTest have the parts")
final class UnloadableIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    /** The function {@code f}, which adds 1. */
    private static final byte[] MODULE = HexFormat.of()
            .parseHex("0061736d01000000" + "01060160017f017f" + "03020100" + "07050101660000" + "0a0901070020004101"
                    + "6a0b");

    @TempDir
    Path folder;

    @Test
    void it_is_replaced_after_a_host_has_met_it() throws Exception {
        RealArtifact good;
        try (LocalService service = start()) {
            good = RealArtifact.of(MODULE, service);
            store(broken(good), good, service);
        }
        try (LocalService service = start();
                Precast<CompiledModule> host = Precast.builder(new ChicoryLoader())
                        .source(service.source())
                        .trustRoot(service.trustRoot())
                        .withoutListeners()
                        .onMiss(MissPolicy.waitFor(SOON, MissPolicy.fail()))
                        .build()) {
            CompiledModule module = host.load(MODULE);
            assertThatThrownBy(() -> increment(module)).isInstanceOf(VerifyError.class);

            await().atMost(SOON).ignoreExceptions().until(() -> increment(host.load(MODULE)) == 42);

            KeyState.Present now = (KeyState.Present) service.find(good.key());
            assertThat(Attestation.unverified(now.envelope()).payload())
                    .isEqualTo(good.attestation().payload());
        }
    }

    private LocalService start() throws IOException, InterruptedException {
        return LocalService.start(folder.resolve("data"), LocalService.bundledPacks());
    }

    private static long increment(CompiledModule module) {
        Instance instance = Instance.builder(module.wasmModule())
                .withMachineFactory(module.machineFactory())
                .build();
        return instance.export("f").apply(41)[0];
    }

    /** A bundle whose additions of ints are additions of longs. */
    private static byte[] broken(RealArtifact good) throws BundleException, IOException {
        byte[] payload = good.payload();
        BundleIndex index = BundleIndex.parse(Arrays.copyOf(payload, prefix(payload)), payload.length);
        BundleWriter bundle = new BundleWriter();
        for (BundleEntry entry : index.entries().values()) {
            byte[] bytes = Arrays.copyOfRange(payload, (int) entry.offset(), (int) (entry.offset() + entry.length()));
            boolean functions = entry.name().startsWith(ChicoryFormat.CLASS_PREFIX)
                    && entry.name().contains("FuncGroup");
            bundle.add(entry.name(), functions ? addingLongs(bytes) : bytes);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        bundle.writeTo(out);
        return out.toByteArray();
    }

    private static int prefix(byte[] payload) throws BundleException {
        return BundleIndex.prefixBytes(Arrays.copyOf(payload, BundleIndex.HEADER_BYTES));
    }

    private static byte[] addingLongs(byte[] bytes) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(bytes)
                .accept(
                        new ClassVisitor(Opcodes.ASM9, writer) {
                            @Override
                            public MethodVisitor visitMethod(
                                    int access, String name, String type, String signature, String[] thrown) {
                                return new MethodVisitor(
                                        Opcodes.ASM9, super.visitMethod(access, name, type, signature, thrown)) {
                                    @Override
                                    public void visitInsn(int opcode) {
                                        super.visitInsn(opcode == Opcodes.IADD ? Opcodes.LADD : opcode);
                                    }
                                };
                            }
                        },
                        0);
        return writer.toByteArray();
    }

    /** Stores the payload, with an attestation that the service's own key signs. */
    private void store(byte[] payload, RealArtifact good, LocalService service) throws Exception {
        Attestation a = good.attestation();
        Digest digest = Digest.of(payload);
        byte[] prefix = Arrays.copyOf(payload, prefix(payload));
        Attestation forged = new Attestation(
                a.module(),
                a.moduleBytes(),
                a.lane(),
                a.format(),
                new SizedDigest(digest, payload.length),
                Optional.empty(),
                Optional.of(new SizedDigest(Digest.of(prefix), prefix.length)),
                a.pack(),
                a.runtime(),
                a.builder(),
                a.startedOn(),
                a.finishedOn());
        Path data = folder.resolve("data");
        Path file =
                data.resolve("payloads").resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
        Files.createDirectories(file.getParent());
        Files.write(file, payload);
        Files.write(
                data.resolve("documents").resolve(DocumentNames.attestation(good.key())),
                forged.sign(service.signingKey()).toJson());
    }
}
