package dev.precast.test;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Checks style rules on the compiled classes of all modules. */
final class StyleRulesTest {
    private static final int MOST_PARAMETERS = 7;

    /**
     * Records of data: one component for each member of a signed statement, fact of a module or figure of a
     * measurement.
     */
    private static final Set<String> DATA = Set.of(
            "dev.precast.attestation.Attestation",
            "dev.precast.attestation.TrustPolicy",
            "dev.precast.bench.Measure",
            "dev.precast.module.ComponentFacts",
            "dev.precast.module.ModuleFacts",
            "dev.precast.module.ModuleFacts$Code",
            "dev.precast.precompiler.ProcessTable$Row");

    /** Others print with {@code Surroundings}, whose streams clean the texts of services. */
    @Test
    void only_Surroundings_uses_the_standard_streams_of_the_command_line() {
        JavaClasses commands = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.precast.cli");

        noClasses()
                .that()
                .doNotHaveSimpleName("Surroundings")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(commands);
    }

    @Test
    void no_constructor_has_more_than_seven_parameters_but_those_of_records_of_data() {
        Set<String> found = new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .withImportOption(location -> !location.contains("-tests.jar"))
                        .importPackages("dev.precast")
                        .stream()
                        // The compiler adds parameters to constructors of enums and of local classes.
                        .filter(type -> !type.isEnum() && !type.isAnonymousClass() && !type.isLocalClass())
                        .flatMap(type -> type.getConstructors().stream())
                        .filter(constructor ->
                                constructor.getRawParameterTypes().size() > MOST_PARAMETERS)
                        .map(JavaConstructor::getOwner)
                        .map(JavaClass::getName)
                        .collect(Collectors.toSet());

        assertThat(found).isEqualTo(DATA);
    }
}
