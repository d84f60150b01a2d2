package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.image.RandomCrop;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.arch.Node;
import dev.fgvc.nets.arch.Operation;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.train.LearningRate;
import dev.fgvc.nets.train.Recipe;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TrainingPlanTest {

  private final Recipe recipe =
      new Recipe(10, 20, LearningRate.exponentialStaircase(0.1, 0.5, 1), TrainingOptions.paper());

  @Test
  void everySourceIsTrainedForAsManyStepsWithTheSameRates() {
    TrainingPlan plan = plan(200, 1);
    for (int images : new int[] {100, 200, 400}) {
      Recipe stretched = plan.preTrainingFor(images, 1);
      assertThat(stretched.epochs() * images).isEqualTo(2000);
      // An epoch of the reference data set has ten steps.
      for (int step : new int[] {0, 9, 10, 55, 99}) {
        assertThat(stretched.learningRate().at(step, images / 20))
            .isEqualTo(recipe.learningRate().at(step, 10));
      }
    }
  }

  @Test
  void theExtractorFollowsTheSameScheduleMoreSlowly() {
    Recipe slow = plan(200, 3).preTrainingFor(100, 3);

    assertThat(slow.epochs()).isEqualTo(60);
    for (int step : new int[] {0, 29, 30, 165, 299}) {
      assertThat(slow.learningRate().at(step, 5)).isEqualTo(recipe.learningRate().at(step / 3, 10));
    }
  }

  @Test
  void withoutAReferenceEveryDataSetGetsTheSameEpochs() {
    for (int images : new int[] {60, 1000}) {
      Recipe same = plan(0, 1).preTrainingFor(images, 1);
      assertThat(same.epochs()).isEqualTo(10);
      assertThat(same.learningRate().at(17, images / 20))
          .isEqualTo(recipe.learningRate().at(17, images / 20));
    }
  }

  @Test
  void aCosineEndsWithTheRunWhateverTheSizeOfTheSource() {
    Recipe cosine = recipe.withLearningRate(LearningRate.cosine(1, 0, 0, 10));
    TrainingPlan plan = plan(200, 1).toBuilder().preTraining(cosine).build();
    for (int images : new int[] {70, 130, 210, 900}) {
      Recipe stretched = plan.preTrainingFor(images, 1);
      int steps = stretched.updatesPerEpoch(images) * stretched.epochs();

      assertThat(stretched.learningRate().at(steps, stretched.updatesPerEpoch(images)))
          .isCloseTo(0, within(1e-12));
      assertThat(stretched.learningRate().at(steps - 1, stretched.updatesPerEpoch(images)))
          .isBetween(1e-9, Math.pow(Math.PI / 2 / (steps - 1), 2) * 1.1);
    }
  }

  @Test
  void gradientsAreAccumulatedAsTheRecipeSays() {
    TrainingPlan plan =
        plan(200, 1).toBuilder().preTraining(recipe.withBatchesPerUpdate(3)).build();

    assertThat(plan.preTrainingFor(100, 1).batchesPerUpdate()).isEqualTo(3);
  }

  @Test
  void thePapersPlanTrainsNetworksAsTheAuthorsDo() {
    TrainingPlan paper = TrainingPlan.paper(90, 5, 60);

    assertThat(paper.preTraining().learningRate().at(0, 10)).isEqualTo(0.045);
    assertThat(paper.preTraining().learningRate().at(20, 10)).isEqualTo(0.045 * 0.94);
    assertThat(paper.secondStage().learningRate().at(1000, 10)).isEqualTo(1e-6);
    assertThat(paper.fineTuning().learningRate().at(39, 10)).isEqualTo(0.0045);
    assertThat(paper.fineTuning().learningRate().at(40, 10)).isEqualTo(0.0045 * 0.94);
    assertThat(paper.smallestCrop()).isEqualTo(RandomCrop.MINIMUM_AREA);
    assertThat(decays(paper, Architecture.RESNET_V2_50)).containsOnly(0.997);
    assertThat(decays(paper, Architecture.INCEPTION_RESNET_V2)).containsOnly(0.9997);
    assertThat(graph(paper, Architecture.INCEPTION_V3).auxiliaryLogits()).isPresent();
  }

  @Test
  void aPlanMayLeaveOutTheAuxiliaryHeadAndSetOneDecayForAll() {
    TrainingPlan plan = plan(0, 1).toBuilder().auxiliaryHead(false).build();

    assertThat(graph(plan, Architecture.INCEPTION_V3).auxiliaryLogits()).isEmpty();
    assertThat(decays(plan, Architecture.RESNET_V2_50)).containsOnly(0.9);
    assertThat(decays(plan, Architecture.INCEPTION_V3)).containsOnly(0.9);
  }

  @Test
  void aBuilderHoldsEveryValueOfItsPlan() {
    TrainingPlan plan = plan(7, 3).toBuilder().auxiliaryHead(false).build();

    assertThat(plan.toBuilder().build()).isEqualTo(plan);
  }

  private static Set<Double> decays(TrainingPlan plan, Architecture architecture) {
    return graph(plan, architecture).nodes().stream()
        .map(Node::operation)
        .filter(Operation.BatchNorm.class::isInstance)
        .map(norm -> ((Operation.BatchNorm) norm).decay())
        .collect(Collectors.toSet());
  }

  private static NetworkGraph graph(TrainingPlan plan, Architecture architecture) {
    return plan.graph(new NetworkChoice("some", architecture, 0.25), 5, Resolution.square(299));
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan(-1, 1))
        .withMessageContaining("reference images -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plan(0, 0))
        .withMessageContaining("extractor factor 0");
  }

  private TrainingPlan plan(int referenceImages, int extractorFactor) {
    return TrainingPlan.builder(recipe, recipe, recipe)
        .referenceImages(referenceImages)
        .extractorFactor(extractorFactor)
        .batchNormDecay(0.9)
        .smallestCrop(0.7)
        .build();
  }
}
