package dev.fgvc.nets.example;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the Javadoc compile, each with the variables that its reader would have. */
class JavadocExamplesTest {

  private static final List<Path> SOURCES =
      Stream.of("fgvc-core", "fgvc-emd", "fgvc-nets")
          .map(module -> Path.of("..", module, "src/main/java"))
          .toList();

  private static final Pattern EXAMPLE =
      Pattern.compile("<pre>\\{@code(.*?)}</pre>", Pattern.DOTALL);

  /** The variables and methods that the examples of a class take for granted. */
  private static final Map<String, String> GIVEN =
      Map.ofEntries(
          entry(
              "BackboneTransform",
              "Dataset birds; BackboneTransform transform; Batch batch; DeviceClassMeans means;"),
          entry(
              "BatchLoader",
              "Dataset dataset; void train(java.nio.FloatBuffer images, int[] labels) {}"),
          entry("ClassMeans", "Network network; Batches batches;"),
          entry("Classifier", "Path photo;"),
          entry(
              "ConfirmedDuplicates",
              "Dataset train; Dataset test; Network network; Resolution resolution;"),
          entry("DatasetVerification", "Dataset dataset; Path root;"),
          entry(
              "DeviceClassMeans",
              "Dataset birds; Resolution resolution; Network network; DomainFeatures target;"),
          entry(
              "DistanceScale",
              "DomainSimilarity similarity; List<DomainFeatures> sources; List<DomainFeatures> targets;"),
          entry(
              "DomainSimilarity",
              "DomainFeatures iNat; DomainFeatures cub200; Path iNatFolder; Path cubFeatures; Path cubLabels;"),
          entry("DuplicateSearch", "DatasetSplits source; DatasetSplits target;"),
          entry(
              "EarlyStopping",
              "Trainer trainer; double errorOnHeldOutImages(Weights weights) { return 0; }"),
          entry(
              "Evaluation",
              "Network inceptionV4; Network inceptionResNetV2; DatasetSplits splits;"),
          entry("ExactEmd", "double[] supply; double[] demand; DMatrixRMaj cost;"),
          entry(
              "GlooGroup",
              "Trainer trainer; NetworkGraph graph; Weights start; DatasetSplits birds; Resolution resolution;"),
          entry("LocalWorkers", "class TrainBirds {}"),
          entry(
              "NcclGroup",
              "Recipe recipe; NetworkGraph graph; Weights start; DatasetSplits birds; Resolution resolution;"),
          entry("OnnxBackbone", "Dataset dataset;"),
          entry(
              "PaperSubset",
              "DomainFeatures imageNetAndINat; Map<OfficialDataset, DomainFeatures> targets;"),
          entry("PlanPicture", "DomainFeatures iNat; DomainFeatures cub200;"),
          entry("ProtoReader", "ProtoReader message; String name;"),
          entry("RandAugment", "Resolution resolution;"),
          entry("SourceAdvisor", "Backbone backbone; Path birds; Path flowers; Path cars;"),
          entry("SourceSelection", "DomainFeatures imageNetAndINat; DomainFeatures cub200;"),
          entry(
              "SparkFeatureExtraction",
              "org.apache.spark.api.java.JavaSparkContext context; NetworkGraph graph; Weights weights; Dataset dataset;"),
          entry(
              "TrainableNetwork",
              "TrainableNetwork network; Images images; int[] labels; ProcessGroup group; double learningRate;"),
          entry(
              "TwoStage",
              "Engine engine; NetworkGraph graph; Weights start; DatasetSplits iNat; TwoStage stages; TrainingListener firstMetrics; TrainingListener secondMetrics;"),
          entry("WeightsImport", "NetworkGraph graph;"));

  @Test
  void examplesCompile(@TempDir Path folder) throws IOException {
    Map<String, String> examples = examples();
    List<Path> files = new ArrayList<>();
    for (Map.Entry<String, String> example : examples.entrySet()) {
      String name = example.getKey();
      files.add(
          Files.writeString(
              folder.resolve(name + ".java"),
              imports()
                  + "class "
                  + name
                  + " {\n"
                  + GIVEN.getOrDefault(name.replaceFirst("Example\\d+$", ""), "")
                  + "\nvoid example() throws Exception {\n"
                  + example.getValue()
                  + "}}\n"));
    }
    StringWriter messages = new StringWriter();
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();

    boolean compiled;
    try (var manager = compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8)) {
      compiled =
          compiler
              .getTask(
                  messages,
                  manager,
                  null,
                  List.of(
                      "-proc:none",
                      "-Xmaxerrs",
                      "100",
                      "-d",
                      folder.toString(),
                      "-cp",
                      classPath()),
                  null,
                  manager.getJavaFileObjectsFromPaths(files))
              .call();
    }

    assertThat(compiled).as(messages.toString()).isTrue();
    assertThat(examples).hasSizeGreaterThan(25);
    assertThat(examples.keySet().stream().map(name -> name.replaceFirst("Example\\d+$", "")))
        .containsAll(GIVEN.keySet());
  }

  /** By the class's name and a number; those that are no Java, such as JSON, are left out. */
  private static Map<String, String> examples() throws IOException {
    Map<String, String> examples = new TreeMap<>();
    for (Path file : files()) {
      String type = file.getFileName().toString().replace(".java", "");
      EXAMPLE
          .matcher(Files.readString(file))
          .results()
          .map(found -> found.group(1).replaceAll("\n *\\*", "\n"))
          .filter(code -> !code.strip().startsWith("{"))
          .forEach(code -> examples.put(type + "Example" + examples.size(), code));
    }
    return examples;
  }

  private static String imports() throws IOException {
    TreeSet<String> packages = new TreeSet<>();
    for (Path source : SOURCES) {
      for (Path file : files(source)) {
        packages.add(source.relativize(file.getParent()).toString().replace('/', '.'));
      }
    }
    return packages.stream()
        .map(name -> "import " + name + ".*;\n")
        .collect(
            Collectors.joining(
                "",
                "",
                "import java.util.*;\nimport java.nio.file.Path;\nimport org.ejml.data.*;\n"));
  }

  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path source : SOURCES) {
      files.addAll(files(source));
    }
    return files;
  }

  private static List<Path> files(Path source) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}
