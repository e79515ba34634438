package io.hostel;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.hostel.sys.Libc;

@AnalyzeClasses(packages = "io.hostel", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule FOREIGN_FUNCTIONS_ARE_CALLED_IN_SYS_ALONE = noClasses()
            .that()
            .resideOutsideOfPackage("io.hostel.sys")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jnr..", "com.kenai.jffi..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(Libc.class);

    @ArchTest
    static final ArchRule SYS_DEPENDS_ON_NOTHING_OF_HOSTEL = classes()
            .that()
            .resideInAPackage("io.hostel.sys")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.hostel.sys", "jnr..", "com.kenai.jffi..", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule NETLINK_STANDS_ON_SYS_ALONE = classes()
            .that()
            .resideInAPackage("io.hostel.netlink..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.hostel.netlink..", "io.hostel.sys", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule THE_PORT_KNOWS_NO_IMPLEMENTATION = classes()
            .that()
            .resideInAPackage("io.hostel.kernel")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.hostel.kernel", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule NO_PROGRAM_IS_RUN_BY_THE_JDK =
            noClasses().should().dependOnClassesThat().belongToAnyOf(ProcessBuilder.class, Runtime.class);
}
