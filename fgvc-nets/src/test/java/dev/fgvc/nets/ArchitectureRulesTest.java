package dev.fgvc.nets;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Keeps the arrows between modules and packages: core below emd and nets, which are strangers. */
class ArchitectureRulesTest {

  static final JavaClasses FGVC =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          // Those of another module, which come as a jar.
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.fgvc");

  private static final String[] CORE = {
    "dev.fgvc.data..",
    "dev.fgvc.image..",
    "dev.fgvc.loader..",
    "dev.fgvc.feature..",
    "dev.fgvc.metric..",
    "dev.fgvc.natives..",
    "dev.fgvc.progress.."
  };

  @Test
  void coreKnowsNothingAboveIt() {
    noClasses()
        .that()
        .resideInAnyPackage(CORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.fgvc.emd..", "dev.fgvc.nets..", "dev.fgvc.benchmarks..")
        .check(FGVC);
  }

  @Test
  void emdDoesNotKnowNetworks() {
    noClasses()
        .that()
        .resideInAPackage("dev.fgvc.emd..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.fgvc.nets..", "dev.fgvc.benchmarks..")
        .check(FGVC);
  }

  @Test
  void onlyExamplesAndExperimentsJoinNetworksWithSimilarity() {
    noClasses()
        .that()
        .resideInAPackage("dev.fgvc.nets..")
        .and()
        .resideOutsideOfPackages("dev.fgvc.nets.example..", "dev.fgvc.nets.experiment..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.fgvc.emd..")
        .check(FGVC);
  }

  @Test
  void packagesOfNetworksPointOneWay() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.fgvc.nets.arch..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.fgvc.nets.weights..",
            "dev.fgvc.nets.engine..",
            "dev.fgvc.nets.train..",
            "dev.fgvc.nets.eval..")
        .check(FGVC);
    noClasses()
        .that()
        .resideInAnyPackage("dev.fgvc.nets.engine..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.fgvc.nets.train..", "dev.fgvc.nets.eval..")
        .check(FGVC);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.fgvc.(**)").should().beFreeOfCycles().check(FGVC);
  }

  @Test
  void nativeLibrariesStayInsideTheirPackages() {
    classes()
        .that()
        .resideOutsideOfPackages(
            "dev.fgvc.nets.engine.torch..", "dev.fgvc.image..", "dev.fgvc.natives..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackage("org.bytedeco..")
        .check(FGVC);
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fgvc.emd..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.google.ortools..")
        .check(FGVC);
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.fgvc.nets.engine.nd4j..", "dev.fgvc.emd..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.nd4j..")
        .check(FGVC);
  }

  @Test
  void theLibraryNeverPrints() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fgvc.nets.example..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(FGVC);
  }
}
