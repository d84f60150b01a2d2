package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.synthetic.Family;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.train.Trainer;
import dev.fgvc.nets.train.TwoStage;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaboratoryStagesTest {

  private static final Resolution SIZE = Resolution.square(32);

  @TempDir private Path folder;

  private Dataset longTailed() throws IOException {
    return FieldGuide.builder()
        .families(Family.BIRDS)
        .speciesPerFamily(3)
        .maximumImages(8)
        .minimumImages(2)
        .pixels(32)
        .build()
        .write(folder, Progress.none())
        .get(FieldGuide.SOURCE)
        .train();
  }

  @Test
  void stagesTrainedApartAreThoseOfTheOneCall() throws IOException {
    Engine engine = Engine.torch();
    Recipe recipe = Recipe.smallData(2).withBatchSize(4);
    TrainingPlan plan = TrainingPlan.builder(recipe, recipe, recipe).build();
    Laboratory laboratory = Laboratory.of(engine, plan, Progress.none());
    Dataset dataset = longTailed();

    TrainedNetwork first = laboratory.preTrain(NetworkChoice.small("small", 0.5), dataset, SIZE, 7);
    TrainedNetwork second = laboratory.secondStage(first, dataset, 0.01, 2, 7);
    TwoStage.Result both =
        laboratory
            .twoStages(dataset, SIZE, 0.01, 2, 7)
            .train(
                Trainer.of(engine, recipe).withSeed(7),
                "both",
                first.graph(),
                Weights.initialize(first.graph(), 7),
                dataset);

    assertThat(both.first().averagedWeights().sha256()).isEqualTo(first.weights().sha256());
    assertThat(both.second().averagedWeights().sha256())
        .isEqualTo(second.weights().sha256())
        .isNotEqualTo(first.weights().sha256());
  }
}
