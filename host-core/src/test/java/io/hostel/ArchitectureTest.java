package io.hostel;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may import whom; ops/docs/ARCHITECTURE.md draws it. */
@AnalyzeClasses(packages = "io.hostel", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule dependencies_run_from_host_down_to_the_kernel_port = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("host")
            .definedBy("io.hostel.host..")
            .layer("tenant")
            .definedBy("io.hostel.tenant..")
            .layer("sandbox")
            .definedBy("io.hostel.sandbox..")
            .layer("resource")
            .definedBy("io.hostel.resource..")
            .layer("kernel")
            .definedBy("io.hostel.kernel")
            .whereLayer("host")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("tenant")
            .mayOnlyBeAccessedByLayers("host")
            .whereLayer("sandbox")
            .mayOnlyBeAccessedByLayers("host", "tenant")
            .whereLayer("resource")
            .mayOnlyBeAccessedByLayers("host", "tenant", "sandbox");

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("io.hostel.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule only_the_wiring_knows_the_linux_side_of_the_port = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.hostel.tenant..", "io.hostel.sandbox..", "io.hostel.resource..", "io.hostel.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.hostel.kernel.linux..", "io.hostel.sys..", "io.hostel.netlink..");

    @ArchTest
    static final ArchRule the_published_language_and_the_kernel_side_know_nothing_of_each_other = noClasses()
            .that()
            .resideInAnyPackage("io.hostel.kernel..", "io.hostel.sys..", "io.hostel.netlink..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.hostel.api..", "io.hostel.config..");

    @ArchTest
    static final ArchRule no_program_is_run = noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.ProcessBuilder")
            .orShould()
            .callMethodWhere(com.tngtech.archunit.base.DescribedPredicate.describe(
                    "Runtime.exec",
                    call -> call.getTarget().getName().equals("exec")
                            && call.getTargetOwner().isEquivalentTo(Runtime.class)));

    @ArchTest
    static final ArchRule jnr_is_used_in_one_place_only = classes()
            .that()
            .resideOutsideOfPackage("io.hostel.sys..")
            .should()
            .onlyDependOnClassesThat()
            .resideOutsideOfPackages("jnr..", "com.kenai.jffi..");
}
