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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
        .write(folder.resolve("guide"), Progress.none())
        .get(FieldGuide.SOURCE)
        .train();
  }

  /** The notes of kept trainings tell what these were made of. */
  @Test
  void classifierRetrainingDrawsAsASecondStageDoes() throws IOException {
    Recipe recipe = Recipe.smallData(1).withBatchSize(4);
    TrainingPlan plan = TrainingPlan.builder(recipe, recipe, recipe).build();
    Dataset dataset = longTailed();
    Path kept = folder.resolve("kept");
    Laboratory laboratory = Laboratory.of(Engine.torch(), plan, Progress.none()).withFolder(kept);
    TrainedNetwork first = laboratory.preTrain(NetworkChoice.small("small", 0.5), dataset, SIZE, 7);

    laboratory.retrainClassifier(first, dataset, 0.01, 7);

    long dropout = recipe.options().seed();
    assertThat(notes(kept))
        .hasSize(2)
        .satisfiesOnlyOnce(
            note -> assertThat(note).contains("\"seed\": \"7\"", " seed=" + dropout + ","))
        .satisfiesOnlyOnce(
            note ->
                assertThat(note)
                    .contains("\"seed\": \"" + TwoStage.secondSeed(7) + "\"")
                    .contains(" seed=" + TwoStage.secondSeed(dropout) + ","));
  }

  private static List<String> notes(Path kept) throws IOException {
    List<String> notes = new ArrayList<>();
    try (Stream<Path> trainings = Files.list(kept.resolve("training"))) {
      for (Path training : trainings.toList()) {
        notes.add(Files.readString(training.resolve("result.json")));
      }
    }
    return notes;
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
