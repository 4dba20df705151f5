package io.irisoperator.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The layers of ARCHITECTURE.md. */
@AnalyzeClasses(
    packages = "io.irisoperator.operator",
    importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {
  private static final String OPERATOR = "io.irisoperator.operator.";

  @ArchTest
  static final ArchRule decisionsDoNoIo =
      noClasses()
          .that()
          .resideInAnyPackage(OPERATOR + "state..", OPERATOR + "rollout..", OPERATOR + "decide..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.fabric8.kubernetes.client",
              "io.fabric8.kubernetes.client.dsl..",
              "io.fabric8.kubernetes.client.http..",
              "io.fabric8.kubernetes.client.informers..",
              "io.javaoperatorsdk..",
              "io.irisoperator.mlflow..",
              "java.net.http..",
              "java.nio.file..",
              "java.io..",
              "java.sql..");

  @ArchTest
  static final ArchRule decisionsDependOnValuesOnly =
      noClasses()
          .that()
          .resideInAnyPackage(OPERATOR + "state..", OPERATOR + "rollout..", OPERATOR + "decide..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              OPERATOR + "observe..",
              OPERATOR + "source..",
              OPERATOR + "store..",
              OPERATOR + "apply..",
              OPERATOR + "monitoring..",
              OPERATOR + "runtime..");

  @ArchTest
  static final ArchRule stateDoesNotDependOnDecisions =
      noClasses()
          .that()
          .resideInAnyPackage(OPERATOR + "state..", OPERATOR + "rollout..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(OPERATOR + "decide..");

  @ArchTest
  static final ArchRule observingDoesNotJudge =
      noClasses()
          .that()
          .resideInAnyPackage(OPERATOR + "observe..", OPERATOR + "source..", OPERATOR + "store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(OPERATOR + "decide..", OPERATOR + "apply..", OPERATOR + "runtime..");

  @ArchTest
  static final ArchRule observingBuildsNoMessages =
      noClasses()
          .that()
          .resideInAPackage(OPERATOR + "observe..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName(OPERATOR + "api.Reason");

  @ArchTest
  static final ArchRule applyingDoesNotObserve =
      noClasses()
          .that()
          .resideInAnyPackage(OPERATOR + "apply..", OPERATOR + "monitoring..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              OPERATOR + "observe..",
              OPERATOR + "source..",
              OPERATOR + "store..",
              OPERATOR + "runtime..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching(OPERATOR + "(*)..").should().beFreeOfCycles();
}
