package io.irisoperator.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * Packages depend downwards only: protocol → prediction → model; the rest does not depend on
 * protocols.
 */
@AnalyzeClasses(packages = "io.irisoperator.server", importOptions = DoNotIncludeTests.class)
class LayersTest {
  private static final String SERVER = "io.irisoperator.server.";
  private static final String PREDICTION = SERVER + "prediction..";
  private static final String MODEL = SERVER + "model..";
  private static final String PROTOCOL = SERVER + "protocol..";

  @ArchTest
  static final ArchRule coreHasNoHttpTypes =
      noClasses()
          .that()
          .resideInAnyPackage(PREDICTION, MODEL)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.micronaut.http..", "io.netty..", "java.net.http..", SERVER + "http..");

  @ArchTest
  static final ArchRule modelDoesNotDependOnPrediction =
      noClasses()
          .that()
          .resideInAPackage(MODEL)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(PREDICTION);

  @ArchTest
  static final ArchRule protocolsDoNotDependOnEachOther =
      slices().matching(SERVER + "protocol.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule sharedProtocolClassesDependOnNoProtocol =
      noClasses()
          .that()
          .resideInAPackage(SERVER + "protocol")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(SERVER + "protocol.(*)..");

  @ArchTest
  static final ArchRule openInferenceMessagesHaveNoHttpTypes =
      noClasses()
          .that()
          .resideInAPackage(SERVER + "protocol.openinference")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.micronaut.http..", "io.netty..", SERVER + "http..");

  @ArchTest
  static final ArchRule nothingBelowDependsOnProtocols =
      noClasses()
          .that()
          .resideOutsideOfPackage(PROTOCOL)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(PROTOCOL);
}
