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
import dev.fgvc.image.RandomCrop;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.Evaluation;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.train.LearningRate;
import dev.fgvc.nets.train.Recipe;
import dev.fgvc.nets.train.Trainer;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.ConsoleProgress;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The paper's transfer learning (figure 1) from photos to errors: train on a source domain, measure
 * how similar each target is, select the source classes that are most similar, train on those
 * alone, fine-tune both networks on each target and compare.
 *
 * <p>Runs on a synthetic field guide, or with {@code -Dfgvc.source=DIR[,DIR...]
 * -Dfgvc.target=DIR[,DIR...]} on folders of photos in the layout of {@link DatasetFolder}; with
 * {@code -Dfgvc.weights=FILE.safetensors} it starts from given weights instead of random ones.
 */
public final class Quickstart {

  /** In so few steps the authors' statistics (0.997, 0.9997) would not follow the weights. */
  private static final double BATCH_NORM_DECAY = 0.9;

  /**
   * Targets of a hundred images give few steps an epoch; so few need small batches and a high rate.
   */
  private static final int FINE_TUNING_BATCH = 16;

  private static final double FINE_TUNING_RATE = 0.02;

  /** Crops of 5 % of the area, as in the paper, leave nothing to see at so low a resolution. */
  private static final double SMALLEST_CROP = 0.4;

  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(5);

  private final QuickstartSettings settings;
  private final PrintStream out;
  private final Progress progress;
  private final Engine engine;
  private final Architecture architecture;
  private final Optional<Weights> givenWeights;

  private Quickstart(QuickstartSettings settings, PrintStream out) throws IOException {
    this.settings = settings;
    this.out = out;
    this.progress = ConsoleProgress.to(out).withInterval(PROGRESS_INTERVAL);
    this.engine = Engine.best();
    this.givenWeights =
        settings.weights().isPresent()
            ? Optional.of(Weights.read(settings.weights().get()))
            : Optional.empty();
    this.architecture =
        givenWeights.isPresent()
            ? architectureOf(settings.weights().get(), givenWeights.get())
            : Architecture.RESNET_V2_50;
  }

  /**
   * Runs the quickstart with the settings of the system properties and prints its table.
   *
   * @param arguments none
   * @throws IOException if photos or weights cannot be read
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
    out.println();
    out.print(QuickstartTable.render(rows));
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

  private List<QuickstartTable.Row> transfer(DatasetSplits source, List<DatasetSplits> targets) {
    out.printf(
        Locale.ROOT,
        "%s at %s on %s: %d classes, %d images; %d targets%n",
        architecture,
        settings.resolution(),
        source.name(),
        source.train().classCount(),
        source.train().size(),
        targets.size());

    Weights fromSource = preTrain("pre-training on the source", source.train(), 1);
    List<Dataset> domains = new ArrayList<>(List.of(source.train()));
    targets.forEach(target -> domains.add(target.train()));
    List<DomainFeatures> features = features(fromSource, domains);
    DomainFeatures sourceFeatures = features.get(0);
    List<DomainFeatures> targetFeatures = features.subList(1, features.size());

    int k = Math.min(settings.topK(), sourceFeatures.classCount());
    Map<DomainFeatures, Integer> topK = new LinkedHashMap<>();
    targetFeatures.forEach(target -> topK.put(target, k));
    int[] union = SourceSelection.create().union(sourceFeatures, topK);
    Dataset subset = source.train().selectClasses("selected subset", union);
    double moreEpochs = (double) source.train().size() / subset.size();
    Weights fromSubset =
        preTrain("pre-training on " + union.length + " selected classes", subset, moreEpochs);

    List<QuickstartTable.Row> rows = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      rows.add(
          compare(
              sourceFeatures, targetFeatures.get(i), k, targets.get(i), fromSource, fromSubset));
    }
    return rows;
  }

  private QuickstartTable.Row compare(
      DomainFeatures source,
      DomainFeatures target,
      int k,
      DatasetSplits splits,
      Weights fromSource,
      Weights fromSubset) {
    Similarity similarity = DomainSimilarity.create().between(source, target);
    List<String> selected = new ArrayList<>();
    for (int index : SourceSelection.create().topK(source, target, k)) {
      selected.add(source.classNames().get(index));
    }
    return new QuickstartTable.Row(
        splits.name(),
        similarity.emd(),
        similarity.similarity(),
        similarity.plan().relativeGap(),
        selected,
        fineTune(splits.name() + " from the full source", splits, fromSource),
        fineTune(splits.name() + " from the selected classes", splits, fromSubset));
  }

  /** Trains on a source; a smaller subset gets more epochs, hence as many steps. */
  private Weights preTrain(String task, Dataset dataset, double moreEpochs) {
    int epochs = (int) Math.round(settings.preTrainingEpochs() * moreEpochs);
    Recipe recipe =
        givenWeights.isPresent() ? Recipe.fineTuning(epochs) : Recipe.preTraining(epochs);
    NetworkGraph graph = graph(dataset.classCount());
    return train(task, recipe, graph, start(graph), dataset);
  }

  private double fineTune(String task, DatasetSplits target, Weights from) {
    Recipe recipe =
        Recipe.fineTuning(settings.fineTuningEpochs())
            .withBatchSize(FINE_TUNING_BATCH)
            .withLearningRate(
                LearningRate.exponentialStaircase(
                    FINE_TUNING_RATE, Recipe.RATE_DECAY, Recipe.FINE_TUNING_EPOCHS_PER_DECAY));
    NetworkGraph graph = graph(target.classCount());
    Weights start = from.transferTo(graph, settings.seed()).weights();
    Weights tuned = train(task, recipe, graph, start, target.train());
    try (Network network = engine.compile(graph, tuned)) {
      return Evaluation.of(network, settings.resolution())
          .topKError(target.validation(), 1)
          .error();
    }
  }

  private Weights train(
      String task, Recipe recipe, NetworkGraph graph, Weights start, Dataset dataset) {
    return Trainer.of(engine, recipe)
        .withSeed(settings.seed())
        .withProgress(progress)
        .train(
            task,
            graph,
            start,
            dataset,
            RandomCrop.of(settings.resolution()).withMinimumArea(SMALLEST_CROP))
        .averagedWeights();
  }

  /** Features by the network trained on the first of the domains. */
  private List<DomainFeatures> features(Weights weights, List<Dataset> domains) {
    try (Network network = engine.compile(graph(domains.get(0).classCount()), weights)) {
      FeatureExtraction extraction =
          FeatureExtraction.with(network, settings.resolution()).withProgress(progress);
      return domains.stream().map(extraction::extract).toList();
    }
  }

  private NetworkGraph graph(int classes) {
    return architecture
        .builder()
        .classes(classes)
        .widthMultiplier(givenWeights.isPresent() ? 1 : settings.widthMultiplier())
        .auxiliaryHead(false)
        .batchNormDecay(BATCH_NORM_DECAY)
        .build();
  }

  private Weights start(NetworkGraph graph) {
    return givenWeights
        .map(weights -> weights.transferTo(graph, settings.seed()).weights())
        .orElseGet(() -> Weights.initialize(graph, settings.seed()));
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
