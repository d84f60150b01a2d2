package dev.fgvc.nets.example;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetFolder;
import dev.fgvc.emd.DomainSimilarity;
import dev.fgvc.emd.ExactEmd;
import dev.fgvc.emd.SetSelection;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureShards;
import dev.fgvc.feature.LabeledFeatures;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.experiment.TransportLevels;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.ConsoleProgress;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

/**
 * Two things that go beyond the paper, on photos of one's own: what it costs to move class means
 * instead of images, and what a selected set gains over classes ranked one by one. {@code mvn -q
 * -Pimage-level verify -Dfgvc.photos=DIR,DIR[,DIR...] -Dfgvc.weights=FILE.safetensors
 * [-Dfgvc.features=DIR]}; each folder of photos is a domain, the weights are those of an
 * Inception-v3, and features are kept in the folder that {@code fgvc.features} names, so that a
 * second run only maps them.
 */
public final class ImageLevel {

  private static final Resolution RESOLUTION = Resolution.square(299);
  private static final List<Integer> SIZES = List.of(5, 10, 20);

  private ImageLevel() {}

  /**
   * Runs it.
   *
   * @param arguments none
   * @throws IOException if photos or weights cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    run(System.getProperties(), System.out);
  }

  static void run(Properties properties, PrintStream out) throws IOException {
    List<Path> folders = QuickstartSettings.paths(properties, "fgvc.photos");
    String file = properties.getProperty("fgvc.weights", "").trim();
    if (folders.size() < 2 || file.isEmpty()) {
      throw new IllegalArgumentException(
          "say -Dfgvc.photos=DIR,DIR[,DIR...] with at least two folders and"
              + " -Dfgvc.weights=FILE.safetensors");
    }
    NetworkGraph graph =
        Architecture.INCEPTION_V3.builder().classes(2).auxiliaryHead(false).build();
    Weights weights = Weights.read(Path.of(file)).transferTo(graph, 1).weights();
    Path kept = Path.of(properties.getProperty("fgvc.features", "target/image-level"));
    Progress progress = ConsoleProgress.to(System.err);
    List<LabeledFeatures> domains = new ArrayList<>();
    try (Network network = Engine.best().compile(graph, weights)) {
      FeatureExtraction extraction =
          FeatureExtraction.with(network, RESOLUTION).withProgress(progress);
      for (Path folder : folders) {
        Dataset photos = DatasetFolder.read(folder).train();
        Path shards = kept.resolve(photos.name());
        extraction.extract(photos, shards);
        domains.add(
            LabeledFeatures.mapShards(
                photos.name(), FeatureShards.in(shards, network.featureDimension())));
      }
    }
    ExactEmd solver = ExactEmd.builder().progress(progress).build();
    DomainSimilarity similarity = DomainSimilarity.create().withSolver(solver);
    List<TransportLevels.Pair> pairs = new ArrayList<>();
    for (int i = 0; i < domains.size(); i++) {
      for (LabeledFeatures target : domains.subList(i + 1, domains.size())) {
        pairs.add(TransportLevels.Pair.of(similarity, domains.get(i), target));
      }
    }
    TransportLevels levels = new TransportLevels(pairs);
    out.print(levels);
    if (pairs.size() > 1) {
      out.printf(
          Locale.ROOT, "rank correlation of the two levels %.3f%n%n", levels.rankCorrelation());
    }
    out.print(selections(domains.stream().map(LabeledFeatures::classMeans).toList()));
  }

  /**
   * For each domain as a target, classes of all others selected singly and as a set: some sizes of
   * sets, or where there are fewer classes than the smallest of these, all classes.
   */
  static String selections(List<DomainFeatures> domains) {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%-24s %9s %9s %12s %12s %12s%n",
                "target",
                "classes",
                "all",
                "one by one",
                "set, counts",
                "set, free"));
    for (DomainFeatures target : domains) {
      DomainFeatures source =
          domains.stream()
              .filter(other -> other != target)
              .reduce((first, second) -> first.concat("the others", second))
              .orElseThrow();
      for (int size : sizes(source.classCount())) {
        int[] ranked = SourceSelection.create().topK(source, target, size);
        DomainSimilarity similarity = DomainSimilarity.create();
        text.append(
            String.format(
                Locale.ROOT,
                "%-24s %9d %9.4f %12.4f %12.4f %12.4f%n",
                target.name(),
                size,
                similarity.between(source, target).emd(),
                similarity.between(source.select("ranked", ranked), target).emd(),
                SetSelection.create().withImageCounts(source, target, size).emd(),
                SetSelection.create().withFreeWeights(source, target, size).emd()));
      }
    }
    return text.toString();
  }

  private static List<Integer> sizes(int classes) {
    List<Integer> sizes = SIZES.stream().filter(size -> size <= classes).toList();
    return sizes.isEmpty() ? List.of(classes) : sizes;
  }
}
