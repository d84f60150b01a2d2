package dev.fgvc.nets.engine.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.loader.Targets;
import dev.fgvc.nets.engine.ReferenceLosses;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SmoothedCrossEntropyTest {

  @Test
  void mixedTargetsAreThoseOfTimm() {
    ReferenceLosses.Result expected = ReferenceLosses.of("mixed");
    Targets targets = ReferenceLosses.mixed();
    int classes = ReferenceLosses.CLASSES;
    SmoothedCrossEntropy entropy =
        new SmoothedCrossEntropy(ReferenceLosses.SMOOTHING, ReferenceLosses.IMAGES);
    double loss = 0;
    for (int i = 0; i < ReferenceLosses.IMAGES; i++) {
      float[] logits = Arrays.copyOfRange(ReferenceLosses.logits(), i * classes, (i + 1) * classes);
      loss +=
          entropy.lossAndGradient(
              logits,
              targets.labels()[i],
              targets.labelWeights()[i],
              targets.others()[i],
              targets.otherWeights()[i],
              1);
      for (int c = 0; c < classes; c++) {
        assertThat((double) logits[c])
            .as("gradient by logit %d of image %d", c, i)
            .isEqualTo(expected.gradient()[i * classes + c], within(1e-6));
      }
    }

    assertThat(loss).isEqualTo(expected.loss(), within(1e-6));
  }
}
