package dev.fgvc.nets.engine.torch.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.primitives.Doubles;
import dev.fgvc.data.ClassWeights;
import dev.fgvc.loader.Targets;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.ReferenceLosses;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.nio.FloatBuffer;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The losses of some logits against those of timm and of formulas in PyTorch. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class TrainingLossTest {

  private static final NetworkGraph GRAPH =
      Architecture.RESNET_V2_50
          .builder()
          .classes(ReferenceLosses.CLASSES)
          .widthMultiplier(0.1)
          .build();

  @BeforeAll
  static void loadLibtorch() {
    assertThat(Engine.torch().unavailableBecause()).isEmpty();
  }

  private static TrainingOptions.Builder unsmoothed() {
    return TrainingOptions.paper().toBuilder().labelSmoothing(0);
  }

  private static void requireReference(String name, TrainingOptions options, Targets targets) {
    ReferenceLosses.Result expected = ReferenceLosses.of(name);
    try (PointerScope temporaries = new PointerScope()) {
      Tensor terms = torch.zeros(new long[] {3}, TorchTensors.floats());
      Tensor logits =
          TorchTensors.of(
              FloatBuffer.wrap(ReferenceLosses.logits()),
              new long[] {ReferenceLosses.IMAGES, ReferenceLosses.CLASSES, 1, 1},
              Device.cpu());
      List<Tensor> gradients =
          new TrainingLoss(options, GRAPH).gradients(List.of(logits), targets, terms);

      assertThat((double) TorchTensors.values(terms)[0])
          .isEqualTo(expected.loss(), within(1e-6 * expected.loss()));
      float[] gradient = TorchTensors.values(gradients.get(0));
      for (int i = 0; i < gradient.length; i++) {
        assertThat((double) gradient[i])
            .as("gradient by logit %d", i)
            .isEqualTo(expected.gradient()[i], within(1e-6));
      }
    }
  }

  @Test
  void mixedTargetsAreThoseOfTimm() {
    requireReference(
        "mixed",
        unsmoothed().labelSmoothing(ReferenceLosses.SMOOTHING).build(),
        ReferenceLosses.mixed());
  }

  @Test
  void classBalancedLossIsThatOfItsEquation() {
    List<Double> weights = effectiveNumber();

    requireReference(
        "classBalanced", unsmoothed().classWeights(weights).build(), ReferenceLosses.plain());
    requireReference(
        "classBalanced",
        unsmoothed().build(),
        ReferenceLosses.plain().weighted(Doubles.toArray(weights)));
  }

  @Test
  void balancedSoftmaxIsThatOfItsEquation() {
    double[] offsets = ClassWeights.balancedSoftmax(ReferenceLosses.counts());

    requireReference(
        "balancedSoftmax",
        unsmoothed().logitOffsets(Doubles.asList(offsets)).build(),
        ReferenceLosses.plain());
  }

  @Test
  void marginsAreThoseOfTheirEquationBeforeAndAfterReweighting() {
    double[] margins = ClassWeights.ldamMargins(ReferenceLosses.counts(), 0.5);
    TrainingOptions options =
        unsmoothed().labelMargins(Doubles.asList(margins)).logitScale(2).build();

    requireReference("ldam", options, ReferenceLosses.plain());
    requireReference(
        "ldamDeferred",
        options.toBuilder().classWeights(effectiveNumber()).build(),
        ReferenceLosses.plain());
  }

  private static List<Double> effectiveNumber() {
    return Doubles.asList(ClassWeights.effectiveNumber(ReferenceLosses.counts(), 0.999));
  }

  @Test
  void refusesMarginsThatAreNotOneForEachClass() {
    TrainingOptions options = unsmoothed().labelMargins(List.of(0.5)).build();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TrainingLoss(options, GRAPH))
        .withMessageContaining("1 label margins for the 5 classes");
    assertThatIllegalArgumentException().isThrownBy(() -> unsmoothed().logitScale(0).build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> unsmoothed().labelMargins(List.of(-1.0)).build());
  }
}
