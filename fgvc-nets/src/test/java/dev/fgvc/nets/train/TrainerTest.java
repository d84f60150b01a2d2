package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.synthetic.Family;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.Evaluation;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training, features and evaluation together, on a few drawn pictures. */
class TrainerTest {

  private static final Resolution SMALL = Resolution.square(32);

  @TempDir private static Path folder;

  private static DatasetSplits birds;

  @BeforeAll
  static void drawBirds() throws IOException {
    birds =
        FieldGuide.builder()
            .families(Family.BIRDS)
            .speciesPerFamily(1)
            .maximumImages(6)
            .minimumImages(6)
            .target("birds", Family.BIRDS, 2, 12, 5)
            .pixels(48)
            .seed(5)
            .build()
            .write(folder.resolve("guide"), Progress.none())
            .get("birds");
  }

  private static NetworkGraph graph(int classes) {
    return Architecture.RESNET_V2_50
        .builder()
        .classes(classes)
        .widthMultiplier(0.1)
        .batchNormDecay(0.8)
        .build();
  }

  private static TrainingRun train(Trainer trainer) {
    NetworkGraph graph = graph(2);
    return trainer.train("test", graph, Weights.initialize(graph, 1), birds.train(), SMALL);
  }

  @Test
  void sameSeedGivesTheSameRunAndAnotherSeedAnother() {
    Trainer trainer = Trainer.of(Engine.torch(), Recipe.preTraining(2).withBatchSize(8));

    TrainingRun run = train(trainer.withSeed(4));

    assertThat(run.steps()).isEqualTo(2 * 3);
    assertThat(run.epochLosses()).hasSize(2).isEqualTo(train(trainer.withSeed(4)).epochLosses());
    assertThat(run.epochLosses()).isNotEqualTo(train(trainer.withSeed(5)).epochLosses());
  }

  @Test
  void tellsItsProgressStepByStep() {
    List<Long> steps = new ArrayList<>();
    train(
        Trainer.of(Engine.torch(), Recipe.preTraining(2).withBatchSize(12))
            .withProgress(
                (task, done, total, note) -> {
                  assertThat(task).isEqualTo("test");
                  assertThat(total).isEqualTo(4);
                  assertThat(note).startsWith("loss ");
                  steps.add(done);
                }));

    assertThat(steps).containsExactly(1L, 2L, 3L, 4L);
  }

  @Test
  void theSecondStageBarelyMovesTheWeights() {
    NetworkGraph graph = graph(2);
    Weights start = Weights.initialize(graph, 1);
    TrainingRun run =
        Trainer.of(Engine.torch(), Recipe.balancedSecondStage(1).withBatchSize(8))
            .withSampler(dataset -> Sampler.balanced(dataset, 1))
            .train("second stage", graph, start, birds.train(), SMALL);

    float[] before = start.tensor("resnet_v2_50/conv1/weights").toArray();
    float[] after = run.weights().tensor("resnet_v2_50/conv1/weights").toArray();
    assertThat(after).isNotEqualTo(before);
    for (int i = 0; i < before.length; i++) {
      assertThat(Math.abs(after[i] - before[i])).isLessThan(1e-4f);
    }
  }

  @Test
  void refusesANetworkWithOtherClasses() {
    NetworkGraph five = graph(5);
    Weights weights = Weights.initialize(five, 1);

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Trainer.of(Engine.torch(), Recipe.preTraining(1))
                    .train("wrong", five, weights, birds.train(), SMALL))
        .withMessageContaining("tells 5 classes apart, data set")
        .withMessageContaining("has 2");
    try (Network network = Engine.torch().compile(five, weights)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Evaluation.of(network, SMALL).topKError(birds.validation(), 1))
          .withMessageContaining("has 2");
    }
  }

  @Test
  void aLossThatIsNoNumberEndsTheRunWithTheStep() {
    Trainer trainer =
        Trainer.of(
            Engine.torch(),
            Recipe.preTraining(3).withBatchSize(8).withLearningRate(LearningRate.constant(1e30)));

    assertThatExceptionOfType(DivergedException.class)
        .isThrownBy(() -> train(trainer))
        .withMessageContaining("at step")
        .withMessageContaining("lower the rate");
  }

  @Test
  void featuresAreClassMeansOverAllImages() {
    NetworkGraph graph = graph(2);
    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
      FeatureExtraction extraction = FeatureExtraction.with(network, SMALL);
      DomainFeatures both = extraction.extract(birds.train());
      Dataset second = birds.train().selectClasses("second", new int[] {1});
      DomainFeatures alone = extraction.extract(second);

      assertThat(both.imageCounts()).containsExactly(12, 12);
      assertThat(both.classNames()).isEqualTo(birds.train().classNames());
      assertThat(both.dimension()).isEqualTo(graph.featureDimension());
      for (int d = 0; d < both.dimension(); d++) {
        assertThat(both.classMeans().get(1, d))
            .isCloseTo(alone.classMeans().get(0, d), Offset.offset(1e-5f));
      }
    }
  }

  @Test
  void evaluationCountsEveryValidationImageOnce() {
    NetworkGraph graph = graph(2);
    try (Network network = Engine.torch().compile(graph, Weights.initialize(graph, 1))) {
      Evaluation evaluation = Evaluation.of(network, SMALL);

      assertThat(evaluation.topKError(birds.validation(), 1).imageCount()).isEqualTo(10);
      assertThat(evaluation.topKError(birds.validation(), 2).error()).isZero();
    }
  }
}
