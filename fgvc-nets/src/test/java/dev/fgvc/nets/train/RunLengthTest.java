package dev.fgvc.nets.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Sampler;
import dev.fgvc.loader.Targets;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.testing.WideGraph;
import dev.fgvc.nets.weights.WeightTensor;
import dev.fgvc.nets.weights.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many steps of which rates and batches come of a recipe, a sampler and a data set. */
class RunLengthTest {

  private static final NetworkGraph GRAPH = WideGraph.named("net", 1);

  private final RecordingEngine engine = new RecordingEngine();

  private static Dataset images(int count) {
    List<LabeledImage> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      images.add(new LabeledImage(Path.of(i + ".jpg"), i % 10 == 0 ? 1 : 0));
    }
    return Dataset.of("numbered", List.of("common", "rare"), images);
  }

  private TrainingRun train(Recipe recipe, Dataset dataset, Function<Dataset, Sampler> sampler) {
    return Trainer.of(engine, recipe)
        .withSampler(sampler)
        .train(
            "test",
            GRAPH,
            Weights.initialize(GRAPH, 1),
            dataset,
            new RecordingEngine.Blank(Resolution.square(2)));
  }

  private TrainingRun train(Recipe recipe, int images) {
    return train(recipe, images(images), dataset -> Sampler.natural(dataset, 1));
  }

  private static Recipe recipe(int epochs, int batch, LearningRate rate) {
    return new Recipe(epochs, batch, rate, TrainingOptions.paper());
  }

  private ListAssert<Double> firstRatesOfEpochs(int epochs) {
    int each = engine.rates.size() / epochs;
    return assertThat(IntStream.range(0, epochs).mapToObj(e -> engine.rates.get(e * each)).toList())
        .usingElementComparator((a, b) -> Math.abs(a - b) < 5e-6 ? 0 : 1);
  }

  @Test
  void deferredClassWeightsCountFromTheirEpochOn() {
    TrainingOptions weighted =
        TrainingOptions.paper().toBuilder().classWeights(List.of(0.5, 3.0)).build();
    Recipe recipe = new Recipe(3, 10, LearningRate.constant(1), weighted).withClassWeightsFrom(1);

    train(recipe, 20);

    assertThat(engine.options.orElseThrow().classWeights()).isEmpty();
    assertThat(engine.targets).hasSize(6);
    for (int batch = 0; batch < 6; batch++) {
      Targets targets = engine.targets.get(batch);
      for (int i = 0; i < targets.size(); i++) {
        double classWeight = targets.labels()[i] == 0 ? 0.5 : 3;
        assertThat(targets.labelWeights()[i]).isEqualTo(batch < 2 ? 1 : classWeight);
      }
    }
    train(recipe.withClassWeightsFrom(0), 20);
    assertThat(engine.options.orElseThrow().classWeights()).containsExactly(0.5, 3.0);
    assertThat(engine.targets.get(11).isPlain()).isTrue();
    assertThatIllegalArgumentException().isThrownBy(() -> recipe.withClassWeightsFrom(-1));
    TrainingOptions tooMany = weighted.toBuilder().classWeights(List.of(1.0, 1.0, 1.0)).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> train(recipe.withOptions(tooMany), 20))
        .withMessageContaining("3 class weights for the 2 classes");
  }

  @Test
  void classWeightsThatNeverCountAreToldBeforehand() {
    TrainingOptions weighted =
        TrainingOptions.paper().toBuilder().classWeights(List.of(0.5, 3.0)).build();
    Recipe recipe = new Recipe(3, 10, LearningRate.constant(1), weighted);

    assertThat(RunWarnings.of(GRAPH, recipe.withClassWeightsFrom(2), 20)).isEmpty();
    assertThat(RunWarnings.of(GRAPH, recipe.withClassWeightsFrom(3), 20))
        .containsExactly(
            "class weights are to count from epoch 3, which a run of 3 epochs does not reach:"
                + " they never count");
    Recipe without = recipe(3, 10, LearningRate.constant(1)).withClassWeightsFrom(1);
    assertThat(RunWarnings.of(GRAPH, without, 20))
        .singleElement()
        .asString()
        .contains("the options have none: set TrainingOptions.Builder.classWeights");
  }

  @Test
  void aBatchLargerThanTheSamplersEpochShrinksToIt() {
    TrainingRun run =
        train(
            recipe(2, 32, LearningRate.constant(1)),
            images(60),
            dataset -> Sampler.capped(dataset, 5, 3));

    assertThat(run.steps()).isEqualTo(2);
    assertThat(engine.batches).containsExactly(10, 10);
    assertThat(run.epochLosses()).containsExactly(1.0, 1.0);
  }

  @Test
  void aBatchLargerThanTheDataSetShrinksToIt() {
    train(recipe(1, 32, LearningRate.constant(1)), 7);

    assertThat(engine.batches).containsExactly(7);
  }

  @Test
  void aSmallerBatchIsToldBeforeTheFirstStep() {
    List<String> heard = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void started() {
            heard.add("started");
          }

          @Override
          public void warning(String message) {
            heard.add(message);
          }

          @Override
          public void step(TrainingStep step) {
            heard.add("step");
          }
        };
    Trainer trainer =
        Trainer.of(engine, recipe(1, 32, LearningRate.constant(1))).withListener(listener);
    Weights start = Weights.initialize(GRAPH, 1);
    ImageTransform blank = new RecordingEngine.Blank(Resolution.square(2));
    trainer.train("test", GRAPH, start, images(7), blank);

    assertThat(heard)
        .containsExactly(
            "started",
            "batches have the 7 images that the sampler shows in an epoch, not the recipe's 32",
            "step");
    heard.clear();
    trainer.train("test", GRAPH, start, images(32), blank);
    assertThat(heard).containsExactly("started", "step");
  }

  @Test
  void weightsThatAreNoNumbersAreNeverGivenBack(@TempDir Path folder) {
    Map<String, WeightTensor> tensors = new HashMap<>();
    Weights start = Weights.initialize(GRAPH, 1);
    start.names().forEach(name -> tensors.put(name, start.tensor(name)));
    tensors.put("net/logits/biases", WeightTensor.of(List.of(2), new float[] {1, Float.NaN}));
    engine.trained = Optional.of(Weights.of(tensors));
    ImageTransform blank = new RecordingEngine.Blank(Resolution.square(2));
    Trainer trainer = Trainer.of(engine, recipe(1, 8, LearningRate.constant(1)));

    assertThatExceptionOfType(DivergedException.class)
        .isThrownBy(() -> trainer.train("test", GRAPH, start, images(8), blank))
        .withMessageContaining("'net/logits/biases' of net")
        .withMessageContaining("after step 1");
    assertThatExceptionOfType(DivergedException.class)
        .isThrownBy(
            () ->
                trainer
                    .withListener(EarlyStopping.of(epoch -> size(epoch.averagedWeights().get()), 1))
                    .train("test", GRAPH, start, images(8), blank));
    Checkpoints everyStep = Checkpoints.in(folder).every(1);
    assertThatExceptionOfType(DivergedException.class)
        .isThrownBy(
            () -> trainer.withCheckpoints(everyStep).train("test", GRAPH, start, images(16), blank))
        .withMessageContaining("'net/logits/biases' of net");
    assertThat(folder).isDirectoryNotContaining("glob:**.safetensors");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer.train("test", GRAPH, Weights.of(tensors), images(8), blank))
        .withMessageContaining("start weights of test")
        .withMessageContaining("net/logits/biases");
  }

  private static int size(Weights weights) {
    return weights.names().size();
  }

  @Test
  void refusesASamplerWithoutImages() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> train(recipe(1, 8, LearningRate.constant(1)), 0))
        .withMessageContaining("no image");
    assertThat(engine.rates).isEmpty();
  }

  @Test
  void aSeedSetAfterASamplerLeavesTheSampler() {
    Trainer.of(engine, recipe(1, 32, LearningRate.constant(1)))
        .withSampler(dataset -> Sampler.capped(dataset, 5, 3))
        .withSeed(3)
        .train(
            "test",
            GRAPH,
            Weights.initialize(GRAPH, 1),
            images(60),
            new RecordingEngine.Blank(Resolution.square(2)));

    assertThat(engine.batches).containsExactly(10);
  }

  @Test
  void aCosineSpansTheEpochsOfAnySamplerBatchAndAccumulation() {
    List<Function<Dataset, Sampler>> samplers =
        List.of(
            dataset -> Sampler.natural(dataset, 1),
            dataset -> Sampler.capped(dataset, 4, 1),
            dataset -> Sampler.repeatFactor(dataset, 1, 1));
    for (Function<Dataset, Sampler> sampler : samplers) {
      for (int batch : new int[] {1, 8, 32, 100}) {
        for (int accumulated : new int[] {1, 3}) {
          engine.rates.clear();
          Recipe recipe = recipe(5, batch, LearningRate.cosine(1, 0, 0, 5));
          train(recipe.withBatchesPerUpdate(accumulated), images(67), sampler);

          firstRatesOfEpochs(5)
              .as("batches of %d, %d an update", batch, accumulated)
              .containsExactly(1.0, 0.90451, 0.65451, 0.34549, 0.09549);
        }
      }
    }
  }

  @Test
  void halvedEverySecondEpochMeansThat() {
    train(recipe(6, 32, LearningRate.exponentialStaircase(1, 0.5, 2)), 95);

    assertThat(engine.rates)
        .containsExactly(1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25);
  }

  @Test
  void halvedEverySecondEpochOfOneStep() {
    train(recipe(6, 32, LearningRate.exponentialStaircase(1, 0.5, 2)), 63);

    assertThat(engine.rates).containsExactly(1.0, 1.0, 0.5, 0.5, 0.25, 0.25);
  }

  @Test
  void aCosineEndsWithTheRunWhereALastBatchIsLeftOut() {
    train(recipe(10, 32, LearningRate.cosine(1, 0, 0, 10)), 63);

    assertThat(engine.rates).hasSize(10);
    assertThat(engine.rates.get(9)).isCloseTo(0.0245, within(5e-5));
  }
}
