package dev.precast.test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.PackageMatcher;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Allowed imports between modules, checked on their compiled classes. */
final class ImportRulesTest {

    private static final JavaClasses PRECAST = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.precast");

    private static final String[] JDK = {"java..", "javax..", "jdk..", "org.jspecify.."};

    private static final String[] COMPILERS = {
        "com.dylibso.chicory.compiler..", "com.dylibso.chicory.build..", "com.dylibso.chicory.codegen..",
        "run.endive.compiler..", "run.endive.build..", "run.endive.codegen.."
    };

    /** The modules with their packages, and the modules that they may import. */
    private enum Module {
        CORE(
                "dev.precast.artifact..",
                "dev.precast.attestation..",
                "dev.precast.bundle..",
                "dev.precast.json..",
                "dev.precast.load..",
                "dev.precast.module..",
                "dev.precast.pack..",
                "dev.precast.protocol.."),
        CACHE("dev.precast.cache.."),
        LAUNCHER("dev.precast.launcher.."),
        TESTKIT("dev.precast.testkit.."),
        ENGINE_CAPI("dev.precast.engine.*.capi.."),
        ENGINE_LOAD("dev.precast.engine.*.load.."),
        ENGINE_COMPILE("dev.precast.engine.*.compile.."),
        ENGINE_RUN("dev.precast.engine.*.run.."),
        NATS("dev.precast.nats.."),
        S3("dev.precast.s3.."),
        PRECOMPILER("dev.precast.precompiler.."),
        CACHE_API("dev.precast.api.."),
        SERVER("dev.precast.server.."),
        HOST_CLIENT("dev.precast.host.."),
        CLI("dev.precast.cli.."),
        BENCH("dev.precast.bench..");

        final String[] packages;

        Module(String... packages) {
            this.packages = packages;
        }

        Module[] mayImport() {
            return switch (this) {
                case CORE, LAUNCHER -> new Module[] {};
                case CACHE, ENGINE_CAPI, HOST_CLIENT -> new Module[] {CORE};
                case NATS, S3, PRECOMPILER, CACHE_API -> new Module[] {CORE, CACHE};
                case TESTKIT -> new Module[] {CORE, CACHE, LAUNCHER, PRECOMPILER, HOST_CLIENT, ENGINE_LOAD};
                case ENGINE_LOAD -> new Module[] {CORE, ENGINE_CAPI};
                // The compile side writes the load side's format, and checks classes as a host will.
                case ENGINE_COMPILE, ENGINE_RUN -> new Module[] {CORE, ENGINE_CAPI, ENGINE_LOAD};
                case SERVER -> new Module[] {CORE, CACHE, NATS, S3, CACHE_API, PRECOMPILER};
                case CLI -> new Module[] {CORE, LAUNCHER, HOST_CLIENT};
                // It compares the service with its store.
                case BENCH ->
                    new Module[] {
                        CORE, CACHE, LAUNCHER, TESTKIT, S3, HOST_CLIENT, ENGINE_CAPI, ENGINE_LOAD, ENGINE_COMPILE
                    };
            };
        }

        String[] forbidden() {
            return Stream.of(values())
                    .filter(other ->
                            other != this && !Arrays.asList(mayImport()).contains(other))
                    .flatMap(other -> Stream.of(other.packages))
                    .toArray(String[]::new);
        }
    }

    @Test
    void every_class_belongs_to_a_module() {
        String[] all =
                Stream.of(Module.values()).flatMap(m -> Stream.of(m.packages)).toArray(String[]::new);

        classes().should().resideInAnyPackage(all).check(PRECAST);
    }

    @ParameterizedTest
    @EnumSource(Module.class)
    void a_module_imports_only_the_modules_it_may(Module module) {
        assertThat(PRECAST.stream())
                .as("classes of %s", module)
                .anyMatch(c -> Stream.of(module.packages)
                        .anyMatch(p -> PackageMatcher.of(p).matches(c.getPackageName())));
        noClasses()
                .that()
                .resideInAnyPackage(module.packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(module.forbidden())
                .check(PRECAST);
    }

    @Test
    void the_core_needs_the_JDK_only() {
        onlyImports(Module.CORE);
    }

    @Test
    void the_launcher_needs_the_JDK_only() {
        onlyImports(Module.LAUNCHER);
    }

    @Test
    void the_cache_needs_the_core_a_cache_and_a_compressor_only() {
        onlyImports(Module.CACHE, "com.github.benmanes.caffeine..", "com.github.luben.zstd..");
    }

    @Test
    void the_host_client_needs_the_core_a_cache_and_a_decompressor_only() {
        onlyImports(Module.HOST_CLIENT, "com.github.benmanes.caffeine..", "com.github.luben.zstd..");
    }

    @Test
    void a_load_side_needs_the_core_and_its_engines_runtime_only() {
        onlyImports(
                Module.ENGINE_LOAD,
                "dev.precast.engine.*.capi..",
                "com.dylibso.chicory.runtime..",
                "com.dylibso.chicory.wasm..",
                "run.endive.runtime..",
                "run.endive.wasm..");
    }

    @Test
    void only_a_compile_side_the_test_kit_and_the_benchmarks_import_a_wasm_compiler() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        join(Module.ENGINE_COMPILE.packages, Module.TESTKIT.packages, Module.BENCH.packages))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(COMPILERS)
                .check(PRECAST);
    }

    @Test
    void only_the_server_and_the_cache_API_import_Quarkus() {
        noClasses()
                .that()
                .resideOutsideOfPackages(join(Module.SERVER.packages, Module.CACHE_API.packages))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..", "io.quarkus..", "io.vertx..", "jakarta..")
                .check(PRECAST);
    }

    @Test
    void only_the_gate_of_connections_imports_internal_classes_of_Vertx() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.precast.api.connection.GatedTransport")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx.core.impl..", "io.vertx.core.net.impl..", "io.vertx.core.http.impl..")
                .check(PRECAST);
    }

    @Test
    void only_its_adapter_imports_the_library_of_NATS() {
        noClasses()
                .that()
                .resideOutsideOfPackages(Module.NATS.packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.nats..")
                .check(PRECAST);
    }

    @Test
    void only_its_adapter_imports_the_SDK_of_S3() {
        noClasses()
                .that()
                .resideOutsideOfPackages(Module.S3.packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("software.amazon.awssdk..")
                .check(PRECAST);
    }

    private static void onlyImports(Module module, String... libraries) {
        classes()
                .that()
                .resideInAnyPackage(module.packages)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(join(JDK, module.packages, Module.CORE.packages, libraries))
                .check(PRECAST);
    }

    private static String[] join(String[]... lists) {
        return Stream.of(lists).flatMap(Stream::of).toArray(String[]::new);
    }
}
