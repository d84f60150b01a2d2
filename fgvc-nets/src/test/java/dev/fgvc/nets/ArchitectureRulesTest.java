package dev.fgvc.nets;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.targetOwner;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.File;
import java.util.Set;
import org.ejml.data.Matrix;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Keeps the arrows between modules and packages: core below emd and nets, which are strangers. */
class ArchitectureRulesTest {

  static final JavaClasses FGVC =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          // Those of another module, which come as a jar.
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.fgvc");

  private static final String TORCH = "dev.fgvc.nets.engine.torch";

  private static final String[] CORE = {
    "dev.fgvc.artifact..",
    "dev.fgvc.concurrent..",
    "dev.fgvc.data..",
    "dev.fgvc.image..",
    "dev.fgvc.loader..",
    "dev.fgvc.feature..",
    "dev.fgvc.metric..",
    "dev.fgvc.file..",
    "dev.fgvc.natives..",
    "dev.fgvc.progress..",
    "dev.fgvc.random.."
  };

  /** Arrays and EJML's matrices are equal only to themselves; a matrix prints all of its values. */
  private static final DescribedPredicate<JavaClass> HAVE_ARRAYS =
      DescribedPredicate.describe(
          "have components that are arrays or matrices",
          type ->
              type.getFields().stream()
                  .filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                  .map(JavaField::getRawType)
                  .anyMatch(field -> field.isArray() || field.isAssignableTo(Matrix.class)));

  /** The compiler's own methods of a record are final, and those that are written are not. */
  private static final ArchCondition<JavaClass> COMPARE_BY_CODE_OF_THEIR_OWN =
      new ArchCondition<>("have an equals, a hashCode and a toString of their own") {
        @Override
        public void check(JavaClass type, ConditionEvents events) {
          for (JavaMethod method : type.getMethods()) {
            if (Set.of("equals", "hashCode", "toString").contains(method.getName())) {
              boolean own = !method.getModifiers().contains(JavaModifier.FINAL);
              events.add(new SimpleConditionEvent(method, own, method.getFullName()));
            }
          }
        }
      };

  @Test
  void packagesOfCoreAreAllNamed() {
    classes()
        .that()
        .resideOutsideOfPackages("dev.fgvc.emd..", "dev.fgvc.nets..", "dev.fgvc.benchmarks..")
        .should()
        .resideInAnyPackage(CORE)
        .check(FGVC);
  }

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
  void onlyExamplesExperimentsAndClustersJoinNetworksWithSimilarity() {
    noClasses()
        .that()
        .resideInAPackage("dev.fgvc.nets..")
        .and()
        .resideOutsideOfPackages(
            "dev.fgvc.nets.example..",
            "dev.fgvc.nets.experiment..",
            "dev.fgvc.nets.advisor..",
            "dev.fgvc.nets.cluster..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.fgvc.emd..")
        .check(FGVC);
  }

  @Test
  void recordsOfArraysSayHowTheyCompareAndPrint() {
    classes()
        .that()
        .areRecords()
        .and()
        .arePublic()
        .and()
        .resideOutsideOfPackages("dev.fgvc.emd.internal..", TORCH + "..")
        .and(HAVE_ARRAYS)
        .should(COMPARE_BY_CODE_OF_THEIR_OWN)
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

  /** Java has no friend packages: the rooms' types are public to the compiler alone. */
  @Test
  void nobodyButTheTorchEngineEntersItsRooms() {
    noClasses()
        .that()
        .resideOutsideOfPackage(TORCH + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(TORCH + ".*..")
        .check(FGVC);
  }

  @Test
  void roomsOfTheTorchEnginePointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage(TORCH + "..")
        .layer("face")
        .definedBy(TORCH)
        .layer("inference")
        .definedBy(TORCH + ".inference")
        .layer("training")
        .definedBy(TORCH + ".training")
        .layer("winograd")
        .definedBy(TORCH + ".kernel.winograd")
        .layer("kernel")
        .definedBy(TORCH + ".kernel")
        .layer("runtime")
        .definedBy(TORCH + ".runtime")
        .layer("memory")
        .definedBy(TORCH + ".memory")
        .whereLayer("face")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("inference")
        .mayOnlyBeAccessedByLayers("face")
        .whereLayer("training")
        .mayOnlyBeAccessedByLayers("face")
        .whereLayer("winograd")
        .mayOnlyBeAccessedByLayers("inference")
        .whereLayer("kernel")
        .mayOnlyBeAccessedByLayers("face", "inference", "training", "winograd")
        .whereLayer("runtime")
        .mayOnlyBeAccessedByLayers("face", "inference", "training", "winograd", "kernel")
        .ensureAllClassesAreContainedInArchitectureIgnoring(not(resideInAPackage(TORCH + "..")))
        .check(FGVC);
  }

  @Test
  void nobodyOutsideEntersTheRoomsOfEmd() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fgvc.emd..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.fgvc.emd.internal..")
        .check(FGVC);
  }

  @Test
  void theRoomsOfEmdPointOneWayAndDoNotKnowItsFace() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.fgvc.emd..")
        .layer("face")
        .definedBy("dev.fgvc.emd")
        .layer("solve")
        .definedBy("dev.fgvc.emd.internal.solve")
        .layer("start")
        .definedBy("dev.fgvc.emd.internal.start")
        .layer("simplex")
        .definedBy("dev.fgvc.emd.internal.simplex")
        .layer("problem")
        .definedBy("dev.fgvc.emd.internal.problem")
        .layer("cost")
        .definedBy("dev.fgvc.emd.internal.cost")
        .layer("vector")
        .definedBy("dev.fgvc.emd.internal.vector")
        .layer("picture")
        .definedBy("dev.fgvc.emd.internal.picture")
        .whereLayer("face")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("picture")
        .mayOnlyBeAccessedByLayers("face")
        .whereLayer("solve")
        .mayOnlyBeAccessedByLayers("face")
        .whereLayer("start")
        .mayOnlyBeAccessedByLayers("solve")
        .whereLayer("simplex")
        .mayOnlyBeAccessedByLayers("solve")
        .whereLayer("problem")
        .mayOnlyBeAccessedByLayers("face", "solve", "start", "simplex")
        .whereLayer("cost")
        .mayOnlyBeAccessedByLayers("face", "solve", "start", "simplex", "problem")
        .whereLayer("vector")
        .mayOnlyBeAccessedByLayers("cost")
        .ensureAllClassesAreContainedInArchitecture()
        .check(FGVC.that(resideInAPackage("dev.fgvc.emd..")));
  }

  /** But for IChart, which XChart's public encoders take. */
  @Test
  void chartsAreDrawnThroughThePublicInterfaceOfTheirLibrary() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.knowm.xchart.internal..").and(not(simpleName("IChart"))))
        .check(FGVC);
  }

  @Test
  void nativeLibrariesStayInsideTheirPackages() {
    classes()
        .that()
        .resideOutsideOfPackages(
            "dev.fgvc.nets.engine.torch..",
            "dev.fgvc.nets.cluster.c10d..",
            "dev.fgvc.image..",
            "dev.fgvc.natives..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackage("org.bytedeco..")
        .check(FGVC);
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fgvc.emd.internal.start..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.google.ortools..")
        .check(FGVC);
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fgvc.nets.backbone..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.onnxruntime..")
        .check(FGVC);
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.fgvc.nets.engine.nd4j..", "dev.fgvc.emd.internal.cost..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.nd4j..")
        .check(FGVC);
  }

  /** Training by one process needs neither its classes nor those of Gloo. */
  @Test
  void nobodyKnowsC10dButItsPackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fgvc.nets.cluster.c10d..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.fgvc.nets.cluster.c10d..")
        .check(FGVC);
  }

  @Test
  void sparkStaysInsideItsPackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fgvc.nets.cluster.spark..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "scala..", "dev.fgvc.nets.cluster.spark..")
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

  /**
   * ND4J 1.0.0-M2.1 reads npy arrays of Fortran order as of C order, writes views as their buffer
   * lies, and adds numbers of 16 bits in their own type: the mean of 10,000 ones is 0.0256.
   */
  private static final ArchRule NO_FILES_OR_NARROW_NUMBERS_OF_ND4J =
      noClasses()
          .should()
          .callMethodWhere(
              ofNd4j("(?i).*(npy|npz|numpy).*|read|write|(read|write)(Txt|Binary).*|saveBinary"))
          .orShould()
          .accessFieldWhere(ofNd4j("HALF|FLOAT16|BFLOAT16"));

  private static DescribedPredicate<JavaAccess<?>> ofNd4j(String names) {
    return targetOwner(resideInAPackage("org.nd4j..")).and(target(nameMatching(names)));
  }

  @Test
  void nothingGoesThroughNd4jsFilesOrNarrowNumbers() {
    NO_FILES_OR_NARROW_NUMBERS_OF_ND4J.check(FGVC);
  }

  /** Never run; what the rule is to find. */
  private static final class Offender {

    static INDArray fortranOrderAsC(File npy) {
      return Nd4j.createFromNpyFile(npy);
    }

    static INDArray narrow(INDArray values) {
      return values.castTo(DataType.BFLOAT16).mean(0);
    }
  }

  @Test
  void theRuleFindsNd4jsFilesAndNarrowNumbers() {
    JavaClasses offender = new ClassFileImporter().importClasses(Offender.class);

    assertThatThrownBy(() -> NO_FILES_OR_NARROW_NUMBERS_OF_ND4J.check(offender))
        .hasMessageContaining("fortranOrderAsC")
        .hasMessageContaining("narrow");
  }
}
