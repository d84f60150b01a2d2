package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.Evaluation;
import dev.fgvc.nets.weights.Weights;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Thirty steps on images whose class is a colour, with the decay of the authors' Inceptions. */
class SmallDataTest {

  private static final int CLASSES = 6;
  private static final int STEPS = 30;

  private static final NetworkGraph GRAPH =
      Architecture.RESNET_V2_50
          .builder()
          .classes(CLASSES)
          .widthMultiplier(0.1)
          .batchNormDecay(0.9997)
          .build();

  /** Paints the image that a name such as {@code 4-17} stands for. */
  private record Painted(Resolution resolution) implements ImageTransform {
    @Override
    public void apply(Path file, RandomGenerator random, FloatBuffer target) {
      String[] parts = file.toString().split("-");
      int colour = Integer.parseInt(parts[0]) + 1;
      Random noise = new Random(Integer.parseInt(parts[1]));
      for (int channel = 0; channel < 3; channel++) {
        float level = (colour >> channel & 1) == 1 ? 0.3f : -0.3f;
        for (int i = 0; i < resolution.pixels(); i++) {
          target.put(level + noise.nextFloat() - 0.5f);
        }
      }
    }
  }

  private static final ImageTransform PAINTED = new Painted(Resolution.square(32));

  private static Dataset images(int first, int count) {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = first; i < first + count; i++) {
      images.add(new LabeledImage(Path.of(i % CLASSES + "-" + i), i % CLASSES));
    }
    return Dataset.of(
        "colours", IntStream.range(0, CLASSES).mapToObj(c -> "colour" + c).toList(), images);
  }

  private static double error(Recipe recipe, List<String> warnings) {
    TrainingRun run = train(recipe, warnings);
    assertThat(run.steps()).isEqualTo(STEPS);
    return error(GRAPH, run);
  }

  private static TrainingRun train(Recipe recipe, List<String> warnings) {
    int images = STEPS / recipe.epochs() * recipe.batchSize();
    return Trainer.of(Engine.torch(), recipe)
        .withListener(
            new TrainingListener() {
              @Override
              public void warning(String message) {
                warnings.add(message);
              }
            })
        .train("colours", GRAPH, Weights.initialize(GRAPH, 1), images(0, images), PAINTED);
  }

  private static double error(NetworkGraph graph, TrainingRun run) {
    try (Network network = Engine.torch().compile(graph, run.averagedWeights())) {
      return Evaluation.of(network, PAINTED).topKError(images(10_000, 60), 1).error();
    }
  }

  @Test
  void thePapersRecipeLearnsNothingInThirtyStepsAndSaysSo() {
    List<String> warnings = new ArrayList<>();

    assertThat(error(Recipe.preTraining(3), warnings)).isGreaterThan(0.6);
    assertThat(warnings).hasSize(1);
    assertThat(warnings.get(0))
        .contains("30 batches are too few", "0.9997", "99 %", "Recipe.smallData");
  }

  @Test
  void theRecipeForSmallDataLearnsThem() {
    List<String> warnings = new ArrayList<>();

    // Guessing has an error of 0.83.
    assertThat(error(Recipe.smallData(3), warnings)).isLessThan(0.45);
    assertThat(warnings).isEmpty();
  }

  /** From a backbone that was trained with an average, which only the second stage moves. */
  @Test
  void bothStagesOfABilinearHeadLearnThem() {
    Weights preTrained = train(Recipe.smallData(3), new ArrayList<>()).averagedWeights();
    for (Head head : List.of(Head.bilinear().reducedTo(16), Head.compactBilinear(256, 1))) {
      NetworkGraph graph =
          Architecture.RESNET_V2_50
              .builder()
              .classes(CLASSES)
              .widthMultiplier(0.1)
              .batchNormDecay(0.97)
              .head(head)
              .build();
      // The second stage normalizes by batches of eight, which differ from the averages that the
      // first one met: its error rises before it falls, so it runs for longer and ends higher.
      TwoStage stages = TwoStage.bilinear(graph, PAINTED.resolution(), 10, 16, 1);
      stages =
          new TwoStage(
              stages.first().withTransform(PAINTED), stages.second().withTransform(PAINTED));
      Weights start = preTrained.transferToNewTask(graph, 1).weights();

      TwoStage.Result result =
          stages.train(
              Trainer.of(Engine.torch(), stages.first().recipe()),
              "colours",
              graph,
              start,
              images(0, 96));

      String kernel = "resnet_v2_50/conv1/weights";
      float[] backbone = start.tensor(kernel).toArray();
      assertThat(result.first().weights().tensor(kernel).toArray()).isEqualTo(backbone);
      assertThat(result.second().weights().tensor(kernel).toArray()).isNotEqualTo(backbone);
      // Guessing has an error of 0.83.
      assertThat(error(graph, result.first())).as("%s", head).isLessThan(0.2);
      assertThat(error(graph, result.second())).as("%s", head).isLessThan(0.5);
    }
  }

  @Test
  void theLastLayersRateFallsFourTimes() {
    LearningRate rate = Recipe.bilinearLastLayer(GRAPH, 12).learningRate();

    assertThat(IntStream.range(0, 12).mapToDouble(epoch -> rate.at(epoch * 10, 10)).toArray())
        .containsExactly(
            1, 1, 1, 1, 0.25, 0.25, 1 / 16.0, 1 / 16.0, 1 / 64.0, 1 / 64.0, 1 / 256.0, 1 / 256.0);
    assertThat(Recipe.bilinearLastLayer(GRAPH, 1).options().trainableScopes())
        .containsExactly("resnet_v2_50/logits");
  }
}
