package dev.fgvc.nets.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.testing.Filler;
import dev.fgvc.nets.testing.Reference;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One training step of each architecture against the authors' own network code. */
class ReferenceTrainingTest {

  @ParameterizedTest
  @CsvSource({
    "torch, RESNET_V2_50, 97",
    "torch, INCEPTION_V3, 139",
    "torch, INCEPTION_V3, 299",
    "nd4j, RESNET_V2_50, 97",
    "nd4j, INCEPTION_V3, 139"
  })
  void oneStepHasTheAuthorsLossGradientsAndStatistics(
      String engine, Architecture architecture, int side) throws IOException {
    compare(engine, Device.cpu(), architecture, side);
  }

  static void compare(String engine, Device device, Architecture architecture, int side)
      throws IOException {
    String prefix = architecture + ".train." + side;
    JsonObject reference = Reference.json(prefix + ".json");
    double weightDecay = reference.get("weightDecay").getAsDouble();
    NetworkGraph graph =
        architecture.builder().classes(200).resolution(Resolution.square(side)).build();
    TrainingOptions options =
        TrainingOptions.paper().toBuilder()
            .weightDecay(weightDecay)
            .movingAverageDecay(0)
            .dropout(false)
            .device(device)
            .build();
    Weights start = Filler.weights(graph, reference.get("betaOffset").getAsDouble());
    try (TrainableNetwork network =
        Engine.named(engine).compileForTraining(graph, start, options)) {
      StepLoss loss = network.accumulate(Filler.images(side), new int[] {3, 7});
      Weights gradients = network.gradients();
      Weights statistics = network.weights();

      checkLosses(reference, loss);
      for (JsonElement element : reference.getAsJsonArray("gradients")) {
        checkGradientNorm(element.getAsJsonObject(), gradients);
      }
      for (JsonElement element : reference.getAsJsonArray("arrays")) {
        checkArray(prefix, element.getAsString(), graph, gradients, statistics, start, weightDecay);
      }
    }
  }

  private static void checkLosses(JsonObject reference, StepLoss loss) {
    JsonObject losses =
        reference.getAsJsonArray("variants").get(0).getAsJsonObject().getAsJsonObject("losses");
    Percentage close = Percentage.withPercentage(0.1);
    assertThat(loss.crossEntropy()).isCloseTo(losses.get("main").getAsDouble(), close);
    if (losses.has("aux")) {
      assertThat(loss.auxiliary()).isCloseTo(losses.get("aux").getAsDouble(), close);
    }
    assertThat(loss.weightDecay()).isCloseTo(losses.get("weightDecay").getAsDouble(), close);
    assertThat(loss.total()).isCloseTo(losses.get("total").getAsDouble(), close);
  }

  private static void checkGradientNorm(JsonObject expected, Weights gradients) {
    String name = expected.get("name").getAsString();
    double norm = norm(gradients.tensor(name).toArray());
    double reference = expected.get("l2WithoutWeightDecay").getAsDouble();
    if (expected.get("zeroUpToRounding").getAsBoolean()) {
      assertThat(norm).as(name).isCloseTo(0, within(1e-5));
    } else {
      double floatError = expected.get("relativeErrorAgainstFloat64").getAsDouble();
      double bound = Math.max(1e-3, 10 * floatError);
      assertThat(norm).as(name).isCloseTo(reference, within(bound * reference));
    }
  }

  private static void checkArray(
      String prefix,
      String array,
      NetworkGraph graph,
      Weights gradients,
      Weights statistics,
      Weights start,
      double weightDecay)
      throws IOException {
    String kind = array.substring(0, array.contains(".") ? array.indexOf('.') : array.length());
    if (!kind.equals("gradient") && !kind.startsWith("moving_")) {
      return; // logits and batch statistics are not part of the interface
    }
    float[] expected = Reference.npy("slim/" + prefix + "." + array + ".npy");
    String dotted =
        array.substring(kind.length() + 1) + (kind.equals("gradient") ? "" : "." + kind);
    String name =
        graph.parameters().stream()
            .map(parameter -> parameter.name())
            .filter(candidate -> candidate.replace('/', '.').equals(dotted))
            .findFirst()
            .orElseThrow();
    float[] actual = (kind.equals("gradient") ? gradients : statistics).tensor(name).toArray();
    if (kind.equals("gradient") && name.endsWith("/weights")) {
      float[] weights = start.tensor(name).toArray();
      for (int i = 0; i < actual.length; i++) {
        actual[i] += (float) (weightDecay * weights[i]);
      }
    }
    assertThat(Reference.relativeError(actual, expected)).as(array).isLessThan(1e-3);
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
