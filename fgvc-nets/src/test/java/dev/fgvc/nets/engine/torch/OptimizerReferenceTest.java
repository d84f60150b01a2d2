package dev.fgvc.nets.engine.torch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fgvc.nets.arch.Initializer;
import dev.fgvc.nets.arch.Parameter;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.testing.Reference;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** The update rules, step by step, against TensorFlow's. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class OptimizerReferenceTest {

  private static final Offset<Float> CLOSE = Offset.offset(2e-6f);

  @Test
  void rmsPropFollowsTensorFlow() throws IOException {
    JsonObject reference = Reference.json("optimizer.json");
    JsonObject run = null;
    for (JsonElement element : reference.getAsJsonArray("optimizers")) {
      if (element.getAsJsonObject().get("optimizer").getAsString().equals("rmsprop")) {
        run = element.getAsJsonObject();
        break;
      }
    }
    assertThat(run).isNotNull();
    Optimizer.RmsProp rule =
        new Optimizer.RmsProp(
            run.get("decay").getAsDouble(),
            run.get("momentum").getAsDouble(),
            run.get("epsilon").getAsDouble());
    JsonArray gradients = reference.getAsJsonArray("gradients");
    try (PointerScope scope = new PointerScope()) {
      Tensor weights = tensor(floats(reference.getAsJsonArray("parameters")));
      try (RmsPropState state = new RmsPropState(rule, weights)) {
        JsonArray steps = run.getAsJsonArray("steps");
        assertThat(steps).isNotEmpty();
        for (int i = 0; i < steps.size(); i++) {
          state.update(
              weights,
              tensor(floats(gradients.get(i).getAsJsonArray())),
              run.get("learningRate").getAsDouble());
          float[] expected = floats(steps.get(i).getAsJsonObject().getAsJsonArray("parameters"));
          assertThat(TorchTensors.values(weights)).containsExactly(expected, CLOSE);
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
    Parameter parameter =
        new Parameter("v", List.of(start.length), true, false, new Initializer.Constant(0));
    try (PointerScope scope = new PointerScope();
        FlatVariables variables = new FlatVariables(List.of(parameter), Device.cpu())) {
      set(variables, start);
      try (MovingAverage average =
          new MovingAverage(run.get("decay").getAsDouble(), List.of(variables), Device.cpu())) {
        long updates = 0;
        for (JsonElement element : run.getAsJsonArray("steps")) {
          JsonObject step = element.getAsJsonObject();
          long count = step.get("numUpdates").getAsLong();
          if (count != updates) {
            return; // the reference jumps ahead; only consecutive updates can be followed
          }
          set(variables, floats(step.getAsJsonArray("value")));
          average.update();
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
