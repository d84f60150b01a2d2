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
import java.util.HashMap;
import java.util.Map;
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
      Map<String, Double> floatErrors = new HashMap<>();
      for (JsonElement element : reference.getAsJsonArray("gradients")) {
        JsonObject gradient = element.getAsJsonObject();
        checkGradientNorm(gradient, gradients);
        if (!gradient.get("zeroUpToRounding").getAsBoolean()) {
          floatErrors.put(gradient.get("name").getAsString(), floatError(gradient));
        }
      }
      for (JsonElement element : reference.getAsJsonArray("arrays")) {
        String array = element.getAsString();
        String kind = array.substring(0, Math.max(0, array.indexOf('.')));
        if (kind.equals("gradient") || kind.startsWith("moving_")) { // others are not to be had
          String name = variable(graph, kind, array.substring(kind.length() + 1));
          float[] expected = Reference.npy("slim/" + prefix + "." + array + ".npy");
          float[] actual =
              kind.equals("gradient")
                  ? withWeightDecay(gradients, name, start, weightDecay)
                  : statistics.tensor(name).toArray();
          double bound = Math.max(1e-3, 2 * floatErrors.getOrDefault(name, 0.0));
          assertThat(Reference.relativeError(actual, expected)).as(array).isLessThan(bound);
        }
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
      double bound = Math.max(1e-3, 10 * floatError(expected));
      assertThat(norm).as(name).isCloseTo(reference, within(bound * reference));
    }
  }

  /** How far from float64 the authors' own float32 is. */
  private static double floatError(JsonObject gradient) {
    return gradient.get("relativeErrorAgainstFloat64").getAsDouble();
  }

  private static String variable(NetworkGraph graph, String kind, String array) {
    String dotted = kind.equals("gradient") ? array : array + "." + kind;
    return graph.parameters().stream()
        .map(parameter -> parameter.name())
        .filter(candidate -> candidate.replace('/', '.').equals(dotted))
        .findFirst()
        .orElseThrow();
  }

  private static float[] withWeightDecay(
      Weights gradients, String name, Weights start, double weightDecay) {
    float[] gradient = gradients.tensor(name).toArray();
    if (name.endsWith("/weights")) {
      float[] weights = start.tensor(name).toArray();
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] += (float) (weightDecay * weights[i]);
      }
    }
    return gradient;
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
