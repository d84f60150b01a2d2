package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.torch.TorchDistances;
import dev.fgvc.nets.testing.Noise;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.testing.ChildJvm;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Engines in a process that has just used up all memory that JavaCPP allows it. */
class MemoryLimitTest {

  private static final long LIMIT = 500L << 20;

  @TempDir private static Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"torch", "nd4j"})
  void everyCallSaysSoAndWorksAgainOnceMemoryIsFree(String engine) throws Exception {
    Path output = folder.resolve(engine + ".txt");
    List<String> options =
        List.of(
            "-Xmx128m",
            "-Dorg.bytedeco.javacpp.maxRetries=0",
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=" + LIMIT);
    Process process =
        ChildJvm.of(options, MemoryLimitTest.class, engine)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(output)).isZero();

    String reads = "(gradients|weights|averagedWeights|state|restore): passes"; // on the heap
    String told =
        "[a-zA-Z]+: EngineException: out of memory outside the Java heap in .+"
            + " \\(.*physicalBytes.*\\): .*maxPhysicalBytes";
    assertThat(Files.readAllLines(output))
        .hasSizeGreaterThan(20)
        .allMatch(line -> line.matches(told) || line.matches(reads) || line.endsWith(": again"))
        .anyMatch(line -> line.startsWith("update: EngineException"))
        .anyMatch(line -> line.equals("update: again"));
  }

  /** Does all calls without memory and then with it, and prints a line of what came of each. */
  public static void main(String[] arguments) {
    NetworkGraph graph =
        Architecture.RESNET_V2_50.builder().classes(3).widthMultiplier(0.05).build();
    Weights weights = Weights.initialize(graph, 1);
    Images images = Noise.images(2, 33, 1);
    ByteImages bytes =
        new ByteImages(ByteBuffer.allocate(2 * 33 * 33 * 3), 2, Resolution.square(33));
    int[] labels = {0, 1};
    Engine engine = Engine.named(arguments[0]);
    Map<String, Runnable> calls = new LinkedHashMap<>();
    calls.put("compile", () -> engine.compile(graph, weights).close());
    calls.put(
        "compileForTraining",
        () -> engine.compileForTraining(graph, weights, TrainingOptions.paper()).close());
    Network network = engine.compile(graph, weights);
    calls.put("logits", () -> network.logits(images));
    calls.put("features", () -> network.features(images));
    calls.put("classMeans", () -> network.classMeans(2).close());
    DeviceClassMeans means = network.classMeans(2);
    means.add(bytes, labels);
    calls.put("add", () -> means.add(bytes, labels));
    calls.put("toDomain", () -> means.toDomain("a", List.of("0", "1")));
    FMatrixRMaj points = new FMatrixRMaj(2, graph.featureDimension());
    DomainFeatures targets = DomainFeatures.of("b", List.of("0", "1"), points, new double[] {1, 1});
    calls.put("distancesTo", () -> means.distancesTo(targets));
    TrainableNetwork waiting = engine.compileForTraining(graph, weights, TrainingOptions.paper());
    waiting.accumulate(images, labels);
    calls.put("gradients", waiting::gradients);
    calls.put("update", () -> waiting.update(0.1));
    TrainableNetwork fresh = engine.compileForTraining(graph, weights, TrainingOptions.paper());
    TrainingState state = fresh.state();
    calls.put("weights", fresh::weights);
    calls.put("averagedWeights", fresh::averagedWeights);
    calls.put("state", fresh::state);
    calls.put("restore", () -> fresh.restore(state));
    calls.put("accumulate", () -> fresh.accumulate(images, labels));
    if (arguments[0].equals("torch")) {
      TorchDistances distances = TorchDistances.on(Device.cpu());
      calls.put("between", () -> distances.between(points, points));
    }
    Pointer ballast = Pointer.malloc(LIMIT);
    Pointer.memset(ballast, 1, LIMIT);
    calls.forEach((name, call) -> System.out.println(name + ": " + outcome(call)));
    Pointer.free(ballast);
    calls.forEach(
        (name, call) -> {
          call.run();
          System.out.println(name + ": again");
        });
  }

  private static String outcome(Runnable call) {
    try {
      call.run();
      return "passes";
    } catch (RuntimeException | Error e) {
      return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
  }
}
