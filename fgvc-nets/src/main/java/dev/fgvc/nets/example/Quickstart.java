package dev.fgvc.nets.example;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetFolder;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.Similarity;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Optimizer;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.example.QuickstartTable.Measure;
import dev.fgvc.nets.example.QuickstartTable.Source;
import dev.fgvc.nets.experiment.Laboratory;
import dev.fgvc.nets.experiment.NetworkChoice;
import dev.fgvc.nets.experiment.TrainedNetwork;
import dev.fgvc.nets.experiment.TrainingPlan;
import dev.fgvc.nets.experiment.TransferErrors;
import dev.fgvc.nets.train.LearningRate;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.ConsoleProgress;
import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The paper's transfer learning (figure 1) from photos to errors: train on a source domain, measure
 * how similar each target is, select the source classes that are most similar, train on those
 * alone, and compare what the networks are worth to each target. As a control, one more network
 * learns from as many classes drawn at random. All are trained for as many steps, from the same
 * seed.
 *
 * <p>Runs on a synthetic field guide, or with {@code -Dfgvc.source=DIR[,DIR...]
 * -Dfgvc.target=DIR[,DIR...]} on folders of photos in the layout of {@link DatasetFolder}; with
 * {@code -Dfgvc.weights=FILE.safetensors} it starts from given weights instead of random ones.
 */
public final class Quickstart {

  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(5);
  private static final double SMALLEST_CROP = 0.8;
  private static final double BATCH_NORM_DECAY = 0.9;
  private static final double WARM_UP = 0.1;
  private static final int PRE_TRAINING_BATCH = 16;
  private static final double PRE_TRAINING_RATE = 2e-3;

  /** Targets of a hundred images give few steps an epoch; so few need small batches. */
  private static final int FINE_TUNING_BATCH = 16;

  private static final double FINE_TUNING_RATE = 2e-3;

  private final QuickstartSettings settings;
  private final PrintStream out;
  private final ConsoleProgress progress;
  private final Optional<Weights> given;
  private final NetworkChoice network;

  private Quickstart(QuickstartSettings settings, PrintStream out) throws IOException {
    this.settings = settings;
    this.out = out;
    this.progress = ConsoleProgress.to(out).withInterval(PROGRESS_INTERVAL);
    this.given =
        settings.weights().isPresent()
            ? Optional.of(Weights.read(settings.weights().get()))
            : Optional.empty();
    this.network =
        given
            .map(weights -> architectureOf(settings.weights().orElseThrow(), weights))
            .map(each -> new NetworkChoice(each.toString(), each, 1))
            .orElseGet(() -> NetworkChoice.small("a small network", 1));
  }

  /**
   * Runs the quickstart with the settings of the system properties, prints its table and writes its
   * report.
   *
   * @param arguments none
   * @throws IOException if photos or weights cannot be read or the report cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    run(QuickstartSettings.of(System.getProperties()), System.out);
  }

  /** Runs with given settings and returns the rows it printed. */
  static List<QuickstartTable.Row> run(QuickstartSettings settings, PrintStream out)
      throws IOException {
    long start = System.nanoTime();
    Quickstart quickstart = new Quickstart(settings, out);
    List<QuickstartTable.Row> rows;
    if (settings.usesFieldGuide()) {
      Path folder = Files.createTempDirectory("fgvc-field-guide");
      try {
        rows = quickstart.onFieldGuide(folder.resolve("guide"));
      } finally {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      }
    } else {
      rows = quickstart.onPhotos();
    }
    out.printf(Locale.ROOT, "done in %.0f s%n", (System.nanoTime() - start) / 1e9);
    return rows;
  }

  private List<QuickstartTable.Row> onFieldGuide(Path folder) throws IOException {
    Map<String, DatasetSplits> domains =
        FieldGuide.quickstart(settings.seed()).write(folder, progress);
    List<DatasetSplits> targets =
        domains.values().stream()
            .filter(domain -> !domain.name().equals(FieldGuide.SOURCE))
            .toList();
    return transfer(domains.get(FieldGuide.SOURCE), targets);
  }

  private List<QuickstartTable.Row> onPhotos() throws IOException {
    List<DatasetSplits> sources = new ArrayList<>();
    for (Path folder : settings.sources()) {
      sources.add(DatasetFolder.read(folder));
    }
    List<DatasetSplits> targets = new ArrayList<>();
    for (Path folder : settings.targets()) {
      targets.add(DatasetFolder.read(folder));
    }
    return transfer(DatasetSplits.concat(sources), targets);
  }

  private List<QuickstartTable.Row> transfer(DatasetSplits splits, List<DatasetSplits> targets)
      throws IOException {
    Dataset source = splits.train();
    out.printf(
        Locale.ROOT,
        "%s at %s on %s: %d classes, %d images; %d targets%n",
        network.description(),
        settings.resolution(),
        splits.name(),
        source.classCount(),
        source.size(),
        targets.size());
    Laboratory laboratory = Laboratory.of(Engine.best(), plan(source.size()), progress);
    int k = Math.min(settings.topK(), source.classCount());
    Dataset random =
        source.selectClasses(
            "random classes", new SplitMix64(settings.seed()).distinct(k, source.classCount()));
    List<TrainedNetwork> trained =
        preTrain(laboratory, "pre-training on all and on random classes", List.of(source, random));

    DomainFeatures sourceFeatures = laboratory.features(trained.get(0), source);
    List<DomainFeatures> targetFeatures = new ArrayList<>();
    List<int[]> chosen = new ArrayList<>();
    List<Dataset> selected = new ArrayList<>();
    for (DatasetSplits target : targets) {
      DomainFeatures features = laboratory.features(trained.get(0), target.train());
      int[] classes = SourceSelection.create().topK(sourceFeatures, features, k);
      targetFeatures.add(features);
      chosen.add(classes);
      selected.add(
          source.selectClasses(
              "classes selected for " + target.name(), IntStream.of(classes).sorted().toArray()));
    }
    List<TrainedNetwork> onSelected =
        preTrain(laboratory, "pre-training on selected classes", selected);

    List<Supplier<TransferErrors>> transfers = new ArrayList<>();
    for (int t = 0; t < targets.size(); t++) {
      DatasetSplits target = targets.get(t);
      // In the order of QuickstartTable.Source.
      for (TrainedNetwork from : List.of(trained.get(1), trained.get(0), onSelected.get(t))) {
        transfers.add(() -> TransferErrors.of(laboratory, from, target, settings.seed()));
      }
    }
    List<TransferErrors> errors = laboratory.sideBySide("transfer to each target", transfers);

    List<QuickstartTable.Row> rows = new ArrayList<>();
    QuickstartReport report = new QuickstartReport(source, sourceFeatures);
    int sources = Source.values().length;
    for (int t = 0; t < targets.size(); t++) {
      Similarity similarity =
          DomainSimilarity.create().between(sourceFeatures, targetFeatures.get(t));
      rows.add(
          new QuickstartTable.Row(
              targets.get(t).name(),
              targets.get(t).classCount(),
              similarity.emd(),
              similarity.similarity(),
              similarity.plan().relativeGap(),
              IntStream.of(chosen.get(t)).mapToObj(sourceFeatures.classNames()::get).toList(),
              byMeasure(errors.subList(t * sources, (t + 1) * sources))));
      report.add(targets.get(t).train(), targetFeatures.get(t), similarity.plan(), chosen.get(t));
    }
    out.println();
    out.print(QuickstartTable.render(rows));
    out.println();
    out.print(QuickstartTable.meaning(rows));
    report.write(rows, network.description(), settings).forEach(out::println);
    return rows;
  }

  private List<TrainedNetwork> preTrain(Laboratory laboratory, String task, List<Dataset> sources) {
    return laboratory.sideBySide(
        task,
        sources.stream()
            .<Supplier<TrainedNetwork>>map(
                each ->
                    () ->
                        laboratory.preTrain(network, each, settings.resolution(), settings.seed()))
            .toList());
  }

  private TrainingPlan plan(int sourceImages) {
    int epochs = settings.preTrainingEpochs();
    int tuning = settings.fineTuningEpochs();
    TrainingPlan.Builder plan =
        given.isPresent()
            ? TrainingPlan.builder(
                    Recipe.fineTuning(epochs), Recipe.smallData(1), Recipe.smallData(tuning))
                .start(given.get())
            : TrainingPlan.builder(
                adaptive(epochs, PRE_TRAINING_BATCH, PRE_TRAINING_RATE),
                Recipe.smallData(1),
                adaptive(tuning, FINE_TUNING_BATCH, FINE_TUNING_RATE));
    return plan.referenceImages(sourceImages)
        .batchNormDecay(BATCH_NORM_DECAY)
        .auxiliaryHead(false)
        .smallestCrop(SMALLEST_CROP)
        .build();
  }

  /** AdamW, whose steps do not wait for mean squares to settle, as the paper's RMSProp does. */
  private static Recipe adaptive(int epochs, int batch, double rate) {
    return new Recipe(
        epochs,
        batch,
        LearningRate.cosine(rate, 0, WARM_UP * epochs, epochs),
        TrainingOptions.paper().toBuilder().optimizer(Optimizer.AdamW.withDefaults()).build());
  }

  private static Map<Measure, Map<Source, Errors>> byMeasure(List<TransferErrors> errors) {
    Map<Measure, Map<Source, Errors>> all = new EnumMap<>(Measure.class);
    for (Measure measure : Measure.values()) {
      Map<Source, Errors> row = new EnumMap<>(Source.class);
      for (Source source : Source.values()) {
        TransferErrors each = errors.get(source.ordinal());
        row.put(
            source,
            switch (measure) {
              case FINE_TUNED -> each.fineTuned();
              case PROBED -> each.probed();
              case NEAREST -> each.nearest();
            });
      }
      all.put(measure, row);
    }
    return all;
  }

  private static Architecture architectureOf(Path file, Weights weights) {
    return weights.names().stream()
        .map(Architecture::ofVariable)
        .flatMap(Optional::stream)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    file
                        + ": its variables belong to none of the architectures "
                        + List.of(Architecture.values())));
  }
}
