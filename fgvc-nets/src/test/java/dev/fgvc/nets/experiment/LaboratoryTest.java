package dev.fgvc.nets.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.synthetic.Family;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.image.Resolution;
import dev.fgvc.image.TwelveCrops;
import dev.fgvc.loader.Sampler;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.train.LearningRate;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tiny networks on a few drawings: what is kept, counted and dealt to devices. */
class LaboratoryTest {

  private static final NetworkChoice SMALL = NetworkChoice.small("small", 0.25);
  private static final Resolution SIDE = Resolution.square(16);
  private static final List<Long> SEEDS = List.of(1L, 2L);
  private static final TrainingPlan PLAN = plan(3);

  @TempDir private static Path guide;
  private static List<DatasetSplits> sources;
  private static DatasetSplits target;

  @TempDir private Path folder;

  private final CountingEngine engine = new CountingEngine();

  @BeforeAll
  static void drawOnce() throws IOException {
    Map<String, DatasetSplits> drawn =
        FieldGuide.builder()
            .families(Family.BIRDS, Family.LEAVES)
            .speciesPerFamily(3)
            .maximumImages(6)
            .minimumImages(6)
            .validationImages(2)
            .target("cars", Family.CARS, 2, 4, 3)
            .pixels(24)
            .seed(4)
            .build()
            .write(guide.resolve("guide"), Progress.none());
    DatasetSplits all = drawn.get(FieldGuide.SOURCE);
    sources =
        List.of(
            all.selectClasses("birds", new int[] {0, 1, 2}),
            all.selectClasses("leaves", new int[] {3, 4, 5}));
    target = drawn.get("cars");
  }

  private static TrainingPlan plan(int epochs) {
    Recipe recipe =
        new Recipe(
            epochs,
            4,
            LearningRate.constant(1e-3),
            TrainingOptions.paper().toBuilder().optimizer(Optimizer.AdamW.withDefaults()).build());
    return TrainingPlan.builder(recipe, recipe, recipe)
        .batchNormDecay(0.8)
        .smallestCrop(0.7)
        .build();
  }

  private Laboratory laboratory() {
    return Laboratory.of(engine, PLAN, Progress.none());
  }

  private static String trained(Laboratory laboratory, long seed) {
    return laboratory.preTrain(SMALL, birds(), SIDE, seed).weights().sha256();
  }

  private static Dataset birds() {
    return sources.get(0).train();
  }

  @Test
  void anInterruptedTrainingGoesOnAndEndsWithTheSameBits() {
    String uninterrupted = trained(laboratory(), 1);
    long all = engine.trainedImages.getAndSet(0);
    Progress powerFailure =
        (task, done, total, note) -> {
          // An epoch has four updates; the first has ended.
          if (done == 6) {
            throw new IllegalThreadStateException("power failure");
          }
        };
    assertThatThrownBy(
            () -> trained(Laboratory.of(engine, PLAN, powerFailure).withFolder(folder), 1))
        .hasMessage("power failure");
    engine.trainedImages.set(0);

    assertThat(trained(laboratory().withFolder(folder), 1)).isEqualTo(uninterrupted);
    assertThat(engine.trainedImages.get()).isEqualTo(all * 2 / 3);
    assertThat(checkpoints()).isEmpty();
  }

  private List<Path> checkpoints() {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().contains("checkpoint")).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void finishedWorkIsReadAndNotDoneAgain() {
    TransferStudy.Result first = transfer(laboratory().withFolder(folder));
    long trainings = engine.trainings.size();
    assertThat(trainings).isPositive();
    engine.trainings.clear();
    engine.evaluatedImages.set(0);

    TransferStudy.Result second = transfer(laboratory().withFolder(folder));

    assertThat(second.pairs()).isEqualTo(first.pairs());
    assertThat(engine.trainings).isEmpty();
    assertThat(engine.evaluatedImages).hasValue(0);
    assertThat(transfer(laboratory()).pairs()).isEqualTo(first.pairs());
  }

  private static TransferStudy.Result transfer(Laboratory laboratory) {
    return TransferStudy.run(
        laboratory,
        new TransferStudy.Settings(SMALL, SMALL, SIDE, Map.of("cars", 2), Map.of("cars", 3), SEEDS),
        Domains.of(sources, List.of(target)));
  }

  @Test
  void otherWorkInTheSameFolderIsDoneBesideIt() {
    String first = trained(laboratory().withFolder(folder), 1);

    // Another seed, another plan, other images: each as in a laboratory of its own.
    assertThat(trained(laboratory().withFolder(folder), 2)).isEqualTo(trained(laboratory(), 2));
    Laboratory longer = Laboratory.of(engine, plan(4), Progress.none());
    assertThat(trained(longer.withFolder(folder), 1))
        .isEqualTo(trained(longer, 1))
        .isNotEqualTo(first);
    Dataset fewer = birds().selectClasses("birds", new int[] {0, 1});
    assertThat(laboratory().withFolder(folder).preTrain(SMALL, fewer, SIDE, 1).weights().sha256())
        .isEqualTo(laboratory().preTrain(SMALL, fewer, SIDE, 1).weights().sha256());
    assertThat(trained(laboratory().withFolder(folder), 1)).isEqualTo(first);
  }

  @Test
  void aResultOfOtherWorkIsRefused() throws IOException {
    trained(laboratory().withFolder(folder.resolve("one")), 1);
    trained(laboratory().withFolder(folder.resolve("two")), 2);
    Path one = onlyTraining("one");
    for (String file : List.of("result.json", "weights.safetensors")) {
      Files.delete(one.resolve(file));
      Files.copy(onlyTraining("two").resolve(file), one.resolve(file));
    }

    assertThatIllegalStateException()
        .isThrownBy(() -> trained(laboratory().withFolder(folder.resolve("one")), 1))
        .withMessageContaining("holds another result")
        .withMessageContaining("seed=2");
  }

  @Test
  void aDamagedResultIsRefused() throws IOException {
    trained(laboratory().withFolder(folder.resolve("one")), 1);
    Path weights = onlyTraining("one").resolve("weights.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 1] ^= 1;
    Files.write(weights, bytes);

    assertThatIllegalStateException()
        .isThrownBy(() -> trained(laboratory().withFolder(folder.resolve("one")), 1))
        .withMessageContaining(weights + " has changed since it was written");

    Files.delete(weights);
    assertThatIllegalStateException()
        .isThrownBy(() -> trained(laboratory().withFolder(folder.resolve("one")), 1))
        .withMessageContaining(weights + " is missing: delete " + weights.getParent());
  }

  @Test
  void resultsOfAnotherEngineAreNotTaken() {
    Laboratory torch = Laboratory.of(Engine.torch(), PLAN, Progress.none()).withFolder(folder);
    TrainedNetwork network = torch.preTrain(SMALL, birds(), SIDE, 1);
    torch.errors(network, sources.get(0).validation());

    Laboratory counting = laboratory().withFolder(folder);
    counting.errors(counting.preTrain(SMALL, birds(), SIDE, 1), sources.get(0).validation());

    assertThat(engine.trainings).hasSize(1);
    assertThat(engine.inference).hasSize(1);
  }

  @Test
  void aProbeTimesEachHeadAndWhatIsTrainedOfIt() {
    Laboratory rehearsal = laboratory().rehearsal();
    TrainedNetwork plain = rehearsal.preTrain(SMALL, birds(), SIDE, 1);
    NetworkChoice bilinear = SMALL.withHead("bilinear", Head.bilinear());
    TrainedNetwork other = rehearsal.withFreshHead(plain, bilinear, 3, 1);
    rehearsal.train(
        "all layers", other, PLAN.fineTuning(), birds(), all -> Sampler.natural(all, 1), 1);
    rehearsal.retrainClassifier(other, birds(), 1e-3, 1);

    rehearsal.timedCost();

    assertThat(engine.trainings).hasSize(3);
  }

  private Path onlyTraining(String name) throws IOException {
    try (Stream<Path> results = Files.list(folder.resolve(name).resolve("training"))) {
      return results.findFirst().orElseThrow();
    }
  }

  @Test
  void aRehearsalCountsTheImagesThatAreComputedLater() {
    Laboratory rehearsal = laboratory().rehearsal();
    experiments(rehearsal);
    assertThat(engine.trainedImages.get() + engine.evaluatedImages.get()).isZero();
    ExperimentCost expected = rehearsal.cost();

    Laboratory real = laboratory();
    experiments(real);

    assertThat(expected.trainedImages()).isEqualTo(engine.trainedImages.get());
    assertThat(expected.evaluatedImages()).isEqualTo(engine.evaluatedImages.get());
    assertThat(expected.trainings()).isEqualTo(engine.trainings.size());
    assertThat(expected.multiplyAdds()).isPositive().isEqualTo(real.cost().multiplyAdds());
    assertThat(real.cost()).isEqualTo(expected);
  }

  private static void experiments(Laboratory laboratory) {
    transfer(laboratory);
    BestResult.run(
        laboratory,
        new BestResult.Settings(
            SMALL,
            SMALL,
            SMALL,
            SIDE,
            Resolution.square(24),
            TwelveCrops::of,
            "12-crop",
            1e-4,
            3,
            List.of(1L)),
        sources.get(0));
  }

  @Test
  void aProbeTellsTheTime() {
    Laboratory rehearsal = laboratory().rehearsal();
    rehearsal.errors(rehearsal.preTrain(SMALL, birds(), SIDE, 1), sources.get(0).validation());

    ExperimentCost cost = rehearsal.timedCost();

    // 18 images in four full batches of 4, three times; two images of each class to judge.
    assertThat(cost.toString())
        .startsWith("1 trainings on 48 images, 6 images evaluated, ")
        .contains(" multiply-adds, about ");
    assertThat(cost.time().orElseThrow()).isPositive();
  }

  @Test
  void tasksAreDealtToTheDevicesByTurns() {
    Laboratory two = laboratory().withDevices(Device.cuda(0), Device.cuda(1));
    List<Long> seeds = List.of(1L, 2L, 3L, 4L);

    List<String> onTwo = two.forSeeds("seeds", seeds, seed -> trained(two, seed));

    assertThat(engine.trainings)
        .containsExactlyInAnyOrder(Device.cuda(0), Device.cuda(1), Device.cuda(0), Device.cuda(1));
    Laboratory one = laboratory().withDevices(Device.cuda(3));
    assertThat(one.forSeeds("seeds", seeds, seed -> trained(one, seed))).isEqualTo(onTwo);
  }

  @Test
  void whatATaskThrowsIsThrownAndEndsTheOthers() {
    Laboratory two = laboratory().withDevices(Device.cuda(0), Device.cuda(1));

    assertThatThrownBy(
            () ->
                two.forSeeds(
                    "seeds",
                    SEEDS,
                    seed -> {
                      throw new IllegalThreadStateException("seed " + seed);
                    }))
        .isInstanceOf(IllegalThreadStateException.class)
        .hasMessage("seed 1");
  }

  @Test
  void featuresAndErrorsAreComputedWhereAndHowTheLaboratorySays() {
    Laboratory bfloat16 = laboratory().withDevices(Device.cuda(1)).withPrecision(Precision.BF16);
    TrainedNetwork network = bfloat16.preTrain(SMALL, birds(), SIDE, 1);

    bfloat16.errors(network, sources.get(0).validation());
    bfloat16.features(network, birds());

    assertThat(engine.trainings).containsExactly(Device.cuda(1));
    assertThat(engine.inference)
        .hasSize(2)
        .containsOnly(new InferenceOptions(Device.cuda(1), Precision.BF16));
  }

  @Test
  void refusesDevicesThatWouldGiveOtherResults() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> laboratory().withDevices(Device.cpu(), Device.cuda(0)))
        .withMessageContaining("all of one kind");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> laboratory().withDevices())
        .withMessageContaining("at least one");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> laboratory().withDevices(Device.cuda(0), Device.cuda(0)))
        .withMessageContaining("each once");
  }
}
