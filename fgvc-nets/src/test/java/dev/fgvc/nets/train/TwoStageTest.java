package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.SampleImages;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoStageTest {

  private static final Resolution SMALL = Resolution.square(32);
  private static final NetworkGraph GRAPH =
      Architecture.RESNET_V2_50
          .builder()
          .classes(2)
          .widthMultiplier(0.1)
          .batchNormDecay(0.8)
          .build();

  @TempDir private static Path images;

  /** Nine images of one class and three of the other. */
  private static Dataset longTailed;

  @TempDir private Path folder;

  private final RecordingEngine recording = new RecordingEngine();

  @BeforeAll
  static void drawImages() throws IOException {
    List<LabeledImage> all = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      Path file = images.resolve(i + ".jpg");
      SampleImages.write(file, 40 + i, 60 - i);
      all.add(new LabeledImage(file, i < 9 ? 0 : 1));
    }
    longTailed = Dataset.of("long-tailed", List.of("head", "tail"), all);
  }

  private static TwoStage stages(int firstEpochs, int secondEpochs) {
    TwoStage stages = TwoStage.capped(SMALL, firstEpochs, 3, secondEpochs, 1);
    return new TwoStage(stages.first().withBatchSize(3), stages.second().withBatchSize(3));
  }

  private static TwoStage.Result train(TwoStage stages, Trainer trainer) {
    return stages.train(trainer, "two", GRAPH, Weights.initialize(GRAPH, 1), longTailed);
  }

  private static Trainer trainer(Engine engine) {
    return Trainer.of(engine, Recipe.smallData(1)).withSeed(4);
  }

  @Test
  void hasThePapersValues() {
    Dataset split = longTailed.selectImages("split", new int[] {1, 11});
    TwoStage stages = TwoStage.paper(Resolution.square(560), 30, split, 8, 1);

    assertThat(stages.first().recipe())
        .usingRecursiveComparison()
        .ignoringFields("learningRate")
        .isEqualTo(Recipe.preTraining(30));
    assertThat(stages.first().recipe().learningRate().at(0, 10)).isEqualTo(0.045);
    assertThat(stages.second().recipe().learningRate().at(9999, 10)).isEqualTo(1e-6);
    assertThat(stages.first().sampler().apply(longTailed).epochSize()).isEqualTo(12);
    assertThat(stages.second().sampler().apply(longTailed).epoch(2))
        .containsExactlyInAnyOrder(1, 11);
    assertThat(stages.second().transform().resolution()).isEqualTo(Resolution.square(560));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TwoStage.paper(Resolution.square(299), 0, split, 1, 1));
  }

  @Test
  void aStageTakesOtherEpochsRatesAndSamplers() {
    TwoStage.Stage stage =
        stages(1, 1)
            .second()
            .withEpochs(7)
            .withLearningRate(LearningRate.constant(1e-5))
            .withSampler(dataset -> Sampler.balanced(dataset, 2));

    assertThat(stage.recipe().epochs()).isEqualTo(7);
    assertThat(stage.recipe().batchSize()).isEqualTo(3);
    assertThat(stage.recipe().learningRate().at(5, 2)).isEqualTo(1e-5);
    assertThat(stage.sampler().apply(longTailed).epochSize()).isEqualTo(12);
    assertThatIllegalArgumentException().isThrownBy(() -> stage.withEpochs(0));
  }

  @Test
  void oneCallTrainsOnAllImagesFirstAndThenOnBalancedOnesAtTheSmallRate() {
    TwoStage.Result result = train(stages(1, 2), trainer(recording));

    assertThat(recording.rates.subList(0, 4)).containsOnly(0.045);
    assertThat(recording.rates.subList(4, 8)).containsOnly(1e-6);
    assertThat(recording.rates).hasSize(8);
    assertThat(result.first().steps()).isEqualTo(4);
    assertThat(result.second().epochLosses()).hasSize(2);
  }

  @Test
  void eachStageDrawsItsOwnCropsOrdersAndDropout() {
    Set<Long> drawn = ConcurrentHashMap.newKeySet();
    ImageTransform drawing =
        new ImageTransform() {
          @Override
          public Resolution resolution() {
            return SMALL;
          }

          @Override
          public void apply(Path file, RandomGenerator random, FloatBuffer target) {
            drawn.add(random.nextLong());
            target.put(new float[3 * SMALL.pixels()]);
          }
        };
    TwoStage stages = TwoStage.bilinear(GRAPH, SMALL, 2, 2, 1);
    TwoStage.Stage first = stages.first().withTransform(drawing).withBatchSize(3);
    TwoStage.Stage second = stages.second().withTransform(drawing).withBatchSize(3);

    train(new TwoStage(first, second), trainer(recording));

    assertThat(drawn).as("one draw for each image of four epochs").hasSize(4 * 12);
    assertThat(second.sampler().apply(longTailed).epoch(0))
        .isNotEqualTo(first.sampler().apply(longTailed).epoch(0));
    assertThat(recording.options.orElseThrow().seed())
        .isEqualTo(TwoStage.secondSeed(first.recipe().options().seed()))
        .isNotEqualTo(first.recipe().options().seed());
    assertThat(TwoStage.secondSeed(4)).isEqualTo(TwoStage.secondSeed(4)).isNotEqualTo(4);
  }

  @Test
  void theFirstStageIsTheRunOfOneStageWithTheTrainersSeed() {
    TwoStage stages = stages(1, 1);
    Engine engine = Engine.torch();
    TrainingRun alone =
        trainer(engine)
            .withRecipe(stages.first().recipe())
            .withSampler(stages.first().sampler())
            .train("one", GRAPH, Weights.initialize(GRAPH, 1), longTailed, SMALL);

    assertThat(kernel(train(stages, trainer(engine)).first().weights()))
        .isEqualTo(kernel(alone.weights()));
  }

  @Test
  void theSecondStageStartsFromTheAveragesOfTheFirstAndBothAreEvaluated() {
    Engine engine = Engine.torch();
    TwoStage.Result result = train(stages(1, 1), trainer(engine));

    float[] first = kernel(result.first().averagedWeights());
    float[] second = kernel(result.second().weights());
    assertThat(second).isNotEqualTo(first);
    for (int i = 0; i < first.length; i++) {
      assertThat(Math.abs(second[i] - first[i])).isLessThan(1e-4f);
    }
    TwoStage.Comparison errors = result.evaluate(engine, longTailed, SMALL);
    assertThat(errors.before().top1().imageCount()).isEqualTo(12);
    assertThat(errors.after().headTail(longTailed.imageCounts(), 9).top1().tail().images())
        .isEqualTo(3);
  }

  @Test
  void eachStageHasMetricsOfItsOwn() throws IOException {
    TwoStage stages = stages(1, 2);
    Path firstTable = folder.resolve("first.csv");
    Path secondTable = folder.resolve("second.csv");
    try (CsvMetrics first = CsvMetrics.to(firstTable);
        CsvMetrics second = CsvMetrics.to(secondTable)) {
      Trainer trainer = trainer(recording);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> train(stages, trainer.withListener(first)))
          .withMessageContaining("first.csv")
          .withMessageContaining("metrics of its own");
      assertThat(recording.rates).as("refused before the first step").isEmpty();

      stages.train(
          trainer.withListener(first),
          trainer.withListener(second),
          "two",
          GRAPH,
          Weights.initialize(GRAPH, 1),
          longTailed);
    }

    assertThat(Files.readAllLines(firstTable)).hasSize(1 + 4);
    assertThat(Files.readAllLines(secondTable)).hasSize(1 + 4);
  }

  @Test
  void earlyStoppingOfTheFirstStageLeavesTheSecondItsPatience() {
    List<String> heard = new ArrayList<>();
    TrainingListener stopping =
        EarlyStopping.of(
            epoch -> {
              heard.add(epoch.task());
              return heard.size();
            },
            2);

    TwoStage.Result result = train(stages(9, 9), trainer(recording).withListener(stopping));

    assertThat(result.first().epochLosses()).hasSize(3);
    assertThat(result.second().epochLosses()).hasSize(3);
  }

  @Test
  void goesOnInTheStageThatWasInterrupted() {
    TwoStage stages = stages(1, 2);
    Engine engine = Engine.torch();
    TwoStage.Result whole = train(stages, trainer(engine));
    Trainer kept = trainer(engine).withCheckpoints(Checkpoints.in(folder).every(1));

    // The sixth step is the second of the second stage.
    int[] steps = {0};
    assertThatExceptionOfType(IllegalCallerException.class)
        .isThrownBy(() -> train(stages, kept.withListener(endingAt(6, steps))));
    assertThat(folder.resolve("first-stage")).isNotEmptyDirectory();
    assertThat(folder.resolve("second-stage")).isNotEmptyDirectory();
    int[] left = {0};
    TwoStage.Result resumed = train(stages, kept.withListener(endingAt(-1, left)));

    assertThat(left[0]).isEqualTo(3);
    assertThat(resumed.second().epochLosses()).isEqualTo(whole.second().epochLosses());
    assertThat(kernel(resumed.second().averagedWeights()))
        .isEqualTo(kernel(whole.second().averagedWeights()));
    assertThat(kernel(resumed.first().weights())).isEqualTo(kernel(whole.first().weights()));
  }

  private static TrainingListener endingAt(int last, int[] steps) {
    return new TrainingListener() {
      @Override
      public void step(TrainingStep step) {
        if (++steps[0] == last) {
          throw new IllegalCallerException("the end of this process");
        }
      }
    };
  }

  private static float[] kernel(Weights weights) {
    return weights.tensor("resnet_v2_50/conv1/weights").toArray();
  }
}
