package io.hostel.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {
    private final JavaClasses classes = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.hostel");

    @Test
    void thePublishedLanguageKnowsNothingOfHowItIsServed() {
        noClasses()
                .that()
                .resideInAPackage("io.hostel.api")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("akka..", "com.fasterxml..", "scala..", "io.hostel.api.http..", "org.slf4j..")
                .check(classes);
    }

    @Test
    void theHttpSideSeesNoActors() {
        noClasses()
                .that()
                .resideInAPackage("io.hostel.api.http..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "akka\\.actor\\.(typed\\.)?(ActorRef|RecipientRef|Props|Behavior|AbstractActor)(\\$.*)?")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("akka.actor.typed.javadsl..", "akka.pattern..", "java.sql..", "io.hostel.kernel..")
                .check(classes);
    }

    @Test
    void theSettingsKnowOfNothingElse() {
        noClasses()
                .that()
                .resideInAPackage("io.hostel.config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.hostel.api..", "akka..", "com.fasterxml..")
                .check(classes);
    }
}
