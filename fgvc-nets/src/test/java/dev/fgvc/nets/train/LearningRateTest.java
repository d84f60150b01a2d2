package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.fgvc.nets.testing.Reference;
import dev.fgvc.testing.InOtherLocales;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

@InOtherLocales
class LearningRateTest {

  @Test
  void fallsInStairs() {
    LearningRate rate = LearningRate.exponentialStaircase(0.8, 0.5, 2);

    assertThat(rate.at(5, 3)).isEqualTo(0.8);
    assertThat(rate.at(6, 3)).isEqualTo(0.4);
    assertThat(rate.at(18, 3)).isEqualTo(0.1);
  }

  @Test
  void fallsAfterWholeStepsWhereEpochsAreStretched() {
    LearningRate rate = LearningRate.exponentialStaircase(0.8, 0.5, 1).stretched(2.9);

    // 2.9 * 10 is a little less than 29 in floating point.
    assertThat(rate.at(28, 10)).isEqualTo(0.8);
    assertThat(rate.at(29, 10)).isEqualTo(0.4);
    assertThatIllegalArgumentException().isThrownBy(() -> rate.stretched(0));
  }

  @Test
  void aCosineOverTenEpochsOfOneStepIsHalfAWave() {
    LearningRate rate = LearningRate.cosine(1, 0, 0, 10);
    for (int k = 0; k < 10; k++) {
      assertThat(rate.at(k, 1)).isCloseTo((1 + Math.cos(Math.PI * k / 10)) / 2, within(1e-15));
    }
  }

  @Test
  void equalsTensorFlowsStaircase() throws IOException {
    for (JsonElement element : Reference.json("optimizer.json").getAsJsonArray("schedules")) {
      JsonObject schedule = element.getAsJsonObject();
      LearningRate rate =
          LearningRate.exponentialStaircase(
              schedule.get("learningRate").getAsDouble(),
              schedule.get("decayFactor").getAsDouble(),
              schedule.get("epochsPerDecay").getAsDouble());
      for (JsonElement value : schedule.getAsJsonArray("values")) {
        double expected = value.getAsJsonObject().get("learningRate").getAsDouble();
        assertThat(
                rate.at(
                    value.getAsJsonObject().get("step").getAsLong(),
                    schedule.get("trainingImages").getAsDouble()
                        / schedule.get("batchSize").getAsInt()))
            .isCloseTo(expected, within(1e-6 * expected));
      }
    }
  }

  @Test
  void paperRecipesHaveThePapersRates() {
    assertThat(Recipe.preTraining(10).learningRate().at(0, 100)).isEqualTo(0.045);
    assertThat(Recipe.preTraining(10).learningRate().at(200, 100)).isEqualTo(0.045 * 0.94);
    assertThat(Recipe.fineTuning(10).learningRate().at(399, 100)).isEqualTo(0.0045);
    assertThat(Recipe.balancedSecondStage(1).learningRate().at(9999, 100)).isEqualTo(1e-6);
  }

  @Test
  void refusesRatesThatGrowOrAreNotNumbers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LearningRate.exponentialStaircase(0.1, 1.1, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> LearningRate.constant(Double.NaN));
    double infinite = Double.POSITIVE_INFINITY;
    assertThatIllegalArgumentException().isThrownBy(() -> LearningRate.constant(infinite));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LearningRate.falling(infinite, 0.5, List.of(1.0)))
        .withMessageContaining("rate Infinity");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Recipe.preTraining(0))
        .withMessageContaining("0 epochs");
  }
}
