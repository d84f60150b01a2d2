package dev.fgvc.nets.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.data.synthetic.Family;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.metric.Interval;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.example.QuickstartTable.Measure;
import dev.fgvc.nets.example.QuickstartTable.Source;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {

  @TempDir private static Path folder;

  private static Path guide;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeAll
  static void drawSmallGuide() throws IOException {
    guide = folder.resolve("guide");
    FieldGuide.builder()
        .families(Family.BIRDS, Family.CARS)
        .speciesPerFamily(3)
        .maximumImages(20)
        .minimumImages(6)
        .validationImages(2)
        .target("birds", Family.BIRDS, 2, 8, 6)
        .target("cars", Family.CARS, 2, 8, 6)
        .pixels(48)
        .seed(3)
        .build()
        .write(guide, Progress.none());
  }

  @Test
  void goesFromPhotosToErrorsOnFoldersOfOnesOwn() throws IOException {
    List<QuickstartTable.Row> rows = run(settings("birds", "cars"));

    assertThat(rows).extracting(QuickstartTable.Row::target).containsExactly("birds", "cars");
    for (QuickstartTable.Row row : rows) {
      assertThat(row.emd()).isPositive();
      assertThat(row.similarity()).isEqualTo(Math.exp(-0.01 * row.emd()));
      assertThat(row.relativeGap()).isBetween(0.0, 1e-9);
      assertThat(row.selected()).hasSize(2).doesNotHaveDuplicates();
      assertThat(row.chance()).isEqualTo(0.5);
      for (Measure measure : Measure.values()) {
        for (Source source : Source.values()) {
          assertThat(row.errors(measure, source).outcomes().imageCount()).isEqualTo(12);
        }
        Interval gain = row.gain(measure, Source.RANDOM);
        assertThat(gain.estimate())
            .isCloseTo(
                row.errors(measure, Source.RANDOM).top1().error()
                    - row.errors(measure, Source.SELECTED).top1().error(),
                within(1e-12));
        assertThat(gain.low()).isLessThanOrEqualTo(gain.estimate());
        assertThat(gain.high()).isGreaterThanOrEqualTo(gain.estimate());
      }
    }
    assertThat(text())
        .contains(
            "pre-training on selected classes",
            "fewer than random",
            "linear probe: selected classes ")
        .contains("done in");
  }

  @Test
  void writesAReportWithThePlansAndTheSelectedClasses() throws IOException {
    run(settings("birds"));

    Path report = folder.resolve("report");
    assertThat(Files.readString(report.resolve("report.html")))
        .contains("Verdicts", "linear probe", "figure-3-birds", "data:image/jpeg;base64,");
    assertThat(Files.readString(report.resolve("figure-6.svg")))
        .startsWith("<svg")
        .contains("<image", "data:image/jpeg;base64,", "(target)");
    assertThat(report.resolve("figure-3-birds.svg")).content().contains("<svg");
    assertThat(text()).contains("report.html", "figure-6.svg", "figure-3-birds.svg");
  }

  @Test
  void sameSeedGivesTheSameTable() throws IOException {
    assertThat(run(settings("birds"))).isEqualTo(run(settings("birds")));
  }

  @Test
  void severalSourcesAreTakenAsOneDomain() throws IOException {
    Properties properties = settings("birds");
    properties.setProperty("fgvc.source", guide.resolve("source") + ", " + guide.resolve("cars"));

    List<QuickstartTable.Row> rows = run(properties);

    assertThat(text()).contains("on source + cars: 8 classes");
    assertThat(rows.get(0).selected()).allMatch(name -> name.matches("(source|cars)/.*"));
  }

  @Test
  void startsFromGivenWeights() throws IOException {
    NetworkGraph graph = Architecture.RESNET_V2_50.builder().classes(9).build();
    Path file = folder.resolve("given.safetensors");
    Weights.initialize(graph, 1).write(file);
    Properties properties = settings("cars");
    properties.setProperty("fgvc.weights", file.toString());

    assertThat(run(properties)).hasSize(1);
    assertThat(text()).contains("resnet_v2_50 at 32x32");
  }

  @Test
  void refusesWeightsOfNoKnownArchitecture() throws IOException {
    Path file = folder.resolve("strange.safetensors");
    Weights.of(Map.of()).write(file);
    Properties properties = settings("cars");
    properties.setProperty("fgvc.weights", file.toString());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(properties))
        .withMessageContaining("strange.safetensors")
        .withMessageContaining("resnet_v2_50");
  }

  @Test
  void refusesASourceWithoutATargetAndNumbersThatAreNone() {
    Properties lonely = new Properties();
    lonely.setProperty("fgvc.source", "somewhere");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QuickstartSettings.of(lonely))
        .withMessageContaining("-Dfgvc.target");

    Properties words = new Properties();
    words.setProperty("fgvc.epochs", "many");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> QuickstartSettings.of(words))
        .withMessageContaining("-Dfgvc.epochs=many");
  }

  @Test
  void refusesFlagsThatAreNeitherTrueNorFalse() {
    assertThat(QuickstartSettings.flag(flag("fgvc.cost", " true "), "fgvc.cost")).isTrue();
    assertThat(QuickstartSettings.flag(flag("fgvc.cost", "false"), "fgvc.cost")).isFalse();
    assertThat(QuickstartSettings.flag(flag("fgvc.cost", ""), "fgvc.cost")).isFalse();
    assertThat(QuickstartSettings.flag(new Properties(), "fgvc.cost")).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PhotoTransfer.run(flag("fgvc.heads", "yes"), System.out))
        .withMessage("-Dfgvc.heads=yes is neither true nor false");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PaperRun.run(flag("fgvc.cost", "1"), System.out))
        .withMessage("-Dfgvc.cost=1 is neither true nor false");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PaperRun.run(flag("fgvc.bfloat16", "on"), System.out))
        .withMessage("-Dfgvc.bfloat16=on is neither true nor false");
  }

  private static Properties flag(String key, String value) {
    Properties properties = new Properties();
    properties.setProperty(key, value);
    return properties;
  }

  @Test
  void namesAFolderThatIsNotThere() {
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> run(settings("unicorns")))
        .withMessageContaining("unicorns");
  }

  private static Properties settings(String... targets) {
    Properties properties = new Properties();
    properties.setProperty("fgvc.source", guide.resolve("source").toString());
    properties.setProperty(
        "fgvc.target",
        String.join(",", List.of(targets).stream().map(t -> guide.resolve(t).toString()).toList()));
    properties.setProperty("fgvc.resolution", "32");
    properties.setProperty("fgvc.epochs", "1");
    properties.setProperty("fgvc.finetune.epochs", "1");
    properties.setProperty("fgvc.top", "2");
    properties.setProperty("fgvc.report", folder.resolve("report").toString());
    return properties;
  }

  private List<QuickstartTable.Row> run(Properties properties) throws IOException {
    printed.reset();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return Quickstart.run(QuickstartSettings.of(properties), out);
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }
}
