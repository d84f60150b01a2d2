package dev.fgvc.nets.engine.torch.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import dev.fgvc.nets.testing.Reference;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** The update rules, step by step, against TensorFlow's. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class OptimizerReferenceTest {

  private static final Offset<Float> CLOSE = Offset.offset(2e-6f);

  @Test
  void rmsPropAndMomentumFollowTensorFlow() throws IOException {
    JsonObject reference = Reference.json("optimizer.json");
    int followed = 0;
    for (JsonElement element : reference.getAsJsonArray("optimizers")) {
      JsonObject run = element.getAsJsonObject();
      double momentum = run.get("momentum").getAsDouble();
      Optimizer rule =
          run.get("optimizer").getAsString().equals("rmsprop")
              ? new Optimizer.RmsProp(
                  run.get("decay").getAsDouble(), momentum, run.get("epsilon").getAsDouble())
              : new Optimizer.Sgd(momentum, false);
      follow(run, rule, reference);
      followed++;
    }
    assertThat(followed).isEqualTo(5);
  }

  private static void follow(JsonObject run, Optimizer rule, JsonObject reference) {
    float[] start = floats(reference.getAsJsonArray("parameters"));
    JsonArray gradients = reference.getAsJsonArray("gradients");
    JsonArray steps = run.getAsJsonArray("steps");
    assertThat(steps).isNotEmpty();
    try (PointerScope scope = new PointerScope();
        OptimizerState state =
            OptimizerState.of(rule, List.of(parameter(start.length)), Device.cpu())) {
      Tensor weights = tensor(start);
      for (int i = 0; i < steps.size(); i++) {
        update(
            state,
            weights,
            tensor(floats(gradients.get(i).getAsJsonArray())),
            run.get("learningRate").getAsDouble(),
            i + 1);
        float[] expected = floats(steps.get(i).getAsJsonObject().getAsJsonArray("parameters"));
        assertThat(TorchTensors.values(weights)).containsExactly(expected, CLOSE);
      }
    }
  }

  /** In two parts, as large networks are updated. */
  private static void update(
      OptimizerState state, Tensor weights, Tensor gradient, double learningRate, long update) {
    long half = weights.numel() / 2;
    for (long from : new long[] {0, half}) {
      long length = from == 0 ? half : weights.numel() - half;
      state.update(
          weights.narrow(0, from, length),
          gradient.narrow(0, from, length),
          from,
          learningRate,
          update);
    }
  }

  private static Parameter parameter(int size) {
    return new Parameter("v", List.of(size), true, false, new Initializer.Constant(0));
  }

  /** Each rule in double precision, written from its definition, over twenty random updates. */
  @Test
  void nesterovAndAdamWFollowTheirDefinitions() {
    Random random = new Random(7);
    double[] nesterov = {0.5, -1.5, 2};
    double[] adam = nesterov.clone();
    double[] velocity = new double[3];
    double[] mean = new double[3];
    double[] square = new double[3];
    List<Parameter> parameters = List.of(parameter(3));
    try (PointerScope scope = new PointerScope();
        OptimizerState first =
            OptimizerState.of(new Optimizer.Sgd(0.8, true), parameters, Device.cpu());
        OptimizerState second =
            OptimizerState.of(new Optimizer.AdamW(0.9, 0.99, 1e-6), parameters, Device.cpu())) {
      Tensor firstWeights = tensor(new float[] {0.5f, -1.5f, 2});
      Tensor secondWeights = tensor(new float[] {0.5f, -1.5f, 2});
      for (int t = 1; t <= 20; t++) {
        float[] gradient = new float[3];
        for (int i = 0; i < 3; i++) {
          float g = (float) random.nextGaussian();
          gradient[i] = g;
          velocity[i] = 0.8 * velocity[i] + g;
          nesterov[i] -= 0.05 * (g + 0.8 * velocity[i]);
          mean[i] = 0.9 * mean[i] + 0.1 * g;
          square[i] = 0.99 * square[i] + 0.01 * g * g;
          double meanHat = mean[i] / (1 - Math.pow(0.9, t));
          double squareHat = square[i] / (1 - Math.pow(0.99, t));
          adam[i] -= 0.05 * meanHat / (Math.sqrt(squareHat) + 1e-6);
        }
        update(first, firstWeights, tensor(gradient), 0.05, t);
        update(second, secondWeights, tensor(gradient), 0.05, t);
        float[] firstValues = TorchTensors.values(firstWeights);
        float[] secondValues = TorchTensors.values(secondWeights);
        for (int i = 0; i < 3; i++) {
          assertThat((double) firstValues[i]).isCloseTo(nesterov[i], Offset.offset(1e-5));
          assertThat((double) secondValues[i]).isCloseTo(adam[i], Offset.offset(1e-5));
        }
      }
    }
  }

  @Test
  void movingAverageWarmsUpAsTensorFlows() throws IOException {
    for (JsonElement element : Reference.json("optimizer.json").getAsJsonArray("movingAverages")) {
      JsonObject run = element.getAsJsonObject();
      if (run.get("usesNumUpdates").getAsBoolean()) {
        followMovingAverage(run);
      }
    }
  }

  private static void followMovingAverage(JsonObject run) {
    float[] start = floats(run.getAsJsonArray("initialAverage"));
    Parameter parameter = parameter(start.length);
    try (PointerScope scope = new PointerScope();
        FlatVariables variables = new FlatVariables(List.of(parameter), Device.cpu())) {
      set(variables, start);
      TrainingOptions options =
          TrainingOptions.paper().toBuilder()
              .movingAverageDecay(run.get("decay").getAsDouble())
              .build();
      try (MovingAverage average = new MovingAverage(List.of(variables), Device.cpu())) {
        long updates = 0;
        for (JsonElement element : run.getAsJsonArray("steps")) {
          JsonObject step = element.getAsJsonObject();
          long count = step.get("numUpdates").getAsLong();
          if (count != updates) {
            return; // the reference jumps ahead; only consecutive updates can be followed
          }
          set(variables, floats(step.getAsJsonArray("value")));
          average.update(options.averageDecayAt(updates));
          assertThat(TorchTensors.values(average.averages().get(0).flat()))
              .containsExactly(floats(step.getAsJsonArray("average")), CLOSE);
          updates++;
        }
      }
    }
  }

  private static void set(FlatVariables variables, float[] values) {
    variables.set(
        Weights.of(Map.of("v", WeightTensor.of(List.of(values.length), values))), Device.cpu());
  }

  private static Tensor tensor(float[] values) {
    return TorchTensors.of(FloatBuffer.wrap(values), new long[] {values.length}, Device.cpu());
  }

  private static float[] floats(JsonArray array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).getAsFloat();
    }
    return values;
  }
}
