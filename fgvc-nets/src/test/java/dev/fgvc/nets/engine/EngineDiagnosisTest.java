package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.fgvc.artifact.ClassPathReport;
import dev.fgvc.artifact.MissingArtifactException;
import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.testing.ChildJvm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class EngineDiagnosisTest {

  private static final String BINDING = NativeArtifact.PYTORCH.binding().coordinates();
  private static final String LIBRARY = NativeArtifact.PYTORCH.library().coordinates();

  /** Prints the report and what happens to one who asks for an engine all the same. */
  static final class Newcomer {

    public static void main(String[] arguments) {
      System.out.println(Engine.diagnose());
      try {
        Engine.torch();
      } catch (MissingArtifactException e) {
        System.out.println("torch lacks " + e.missing());
      }
      try {
        Engine.best();
      } catch (MissingArtifactException e) {
        System.out.println("best lacks " + e.missing());
      }
    }
  }

  @Test
  void everythingIsReadyWhereTheNativesAreOnTheClassPath() {
    ClassPathReport report = Engine.diagnose();

    assertThat(report.entries().subList(0, 3))
        .allSatisfy(entry -> assertThat(entry.isUsable()).as(entry.toString()).isTrue());
    assertThat(report.toString())
        .contains("Engine 'torch', to run and train networks: ready")
        .contains("found   " + NativeArtifact.PYTORCH.library());
  }

  @Test
  void namesTheNativesAloneWhereTheBindingsAreThere() throws Exception {
    String natives = "-" + NativeArtifact.platform();

    String said = newcomer(entry -> !entry.contains(natives));

    assertThat(said)
        .contains("found   " + NativeArtifact.PYTORCH.binding())
        .contains("missing " + NativeArtifact.PYTORCH.library())
        .contains("missing " + NativeArtifact.OPENCV.library())
        .contains(NativeArtifact.PYTORCH.library().maven())
        .contains("runtimeOnly(\"" + LIBRARY + "\")")
        .doesNotContain("implementation(\"" + BINDING + "\")")
        .contains("torch lacks [" + NativeArtifact.PYTORCH.library())
        .contains("best lacks [" + NativeArtifact.PYTORCH.library());
  }

  @Test
  void namesBindingsAndNativesWhereNeitherIsThere() throws Exception {
    String said = newcomer(entry -> !entry.contains("bytedeco") && !entry.contains("nd4j"));

    assertThat(said)
        .doesNotContain("found   org.bytedeco")
        .contains("missing " + NativeArtifact.PYTORCH.binding())
        .contains("implementation(\"" + BINDING + "\")")
        .contains("runtimeOnly(\"" + LIBRARY + "\")")
        .contains("<version>" + NativeArtifact.OPENCV.binding().version() + "</version>")
        .contains(
            "torch lacks ["
                + NativeArtifact.PYTORCH.binding()
                + ", "
                + NativeArtifact.PYTORCH.library());
  }

  /** A setting of docs/native-libraries.md for a faster start. */
  @Test
  void everythingIsReadyWithoutLookingForLibrariesOfGpus() throws Exception {
    assumeThat(System.getProperty("java.class.path")).doesNotContain("-gpu.jar");

    String said =
        newcomer(
            entry -> true,
            "-Xmx512m",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-Dorg.bytedeco.javacpp.platform.extension=",
            "-Dorg.bytedeco.javacpp.logger.debug=true");

    assertThat(said)
        .contains("Engine 'torch', to run and train networks: ready")
        .contains("torch_cpu")
        .doesNotContain("cublas")
        .doesNotContain("lacks");
  }

  private static String newcomer(Predicate<String> onClassPath)
      throws IOException, InterruptedException {
    return newcomer(onClassPath, "-Xmx64m");
  }

  private static String newcomer(Predicate<String> onClassPath, String... options)
      throws IOException, InterruptedException {
    Process process =
        ChildJvm.withClassPath(ChildJvm.classPath(onClassPath), List.of(options), Newcomer.class)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
