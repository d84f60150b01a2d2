package dev.fgvc.nets.example;

import dev.fgvc.data.DatasetFolder;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import dev.fgvc.nets.arch.Head;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.experiment.Direction;
import dev.fgvc.nets.experiment.FrozenHeadStudy;
import dev.fgvc.nets.experiment.FrozenTransferStudy;
import dev.fgvc.nets.experiment.report.Report;
import dev.fgvc.nets.experiment.report.ReportFiles;
import dev.fgvc.nets.weights.Weights;
import dev.fgvc.progress.ConsoleProgress;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * Transfer between folders of photos with given weights and without training: features, EMD,
 * selection, linear probes and nearest neighbours for all pairs of domains, and whether selected
 * classes do better than random ones. {@code mvn -q -Pphotos verify
 * -Dfgvc.photos=DIR,DIR,DIR[,DIR...] -Dfgvc.weights=FILE.safetensors}; the weights are those of an
 * Inception-v3. {@code -Dfgvc.heads=true} compares its average with a compact bilinear head
 * instead.
 */
public final class PhotoTransfer {

  private static final int SIDE = 299;
  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(5);

  /** The features of the average, so that a bilinear head has as many. */
  private static final int AVERAGED = 2048;

  private PhotoTransfer() {}

  /**
   * Runs it.
   *
   * @param arguments none
   * @throws IOException if photos or weights cannot be read or the report cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    run(System.getProperties(), System.out);
  }

  /** Runs and returns the claims. */
  static List<Direction> run(Properties properties, PrintStream out) throws IOException {
    long start = System.nanoTime();
    boolean heads = QuickstartSettings.flag(properties, "fgvc.heads");
    List<DatasetSplits> domains = new ArrayList<>();
    for (Path folder : QuickstartSettings.paths(properties, "fgvc.photos")) {
      domains.add(DatasetFolder.read(folder));
    }
    String file = properties.getProperty("fgvc.weights", "").trim();
    if (domains.size() < 3 || file.isEmpty()) {
      throw new IllegalArgumentException(
          "say -Dfgvc.photos=DIR,DIR,DIR[,DIR...] with at least three folders and"
              + " -Dfgvc.weights=FILE.safetensors");
    }
    Resolution resolution =
        Resolution.square(QuickstartSettings.integer(properties, "fgvc.resolution", SIDE));
    Weights weights = Weights.read(Path.of(file));
    Progress progress = ConsoleProgress.to(out).withInterval(PROGRESS_INTERVAL);
    Report.Section section =
        heads
            ? heads(weights, resolution, domains, progress)
            : transfer(weights, resolution, domains, progress);
    Map<String, String> circumstances = new LinkedHashMap<>();
    domains.forEach(each -> circumstances.put(each.name(), each.train().histogram().toString()));
    circumstances.put(
        "network", Architecture.INCEPTION_V3 + " at " + resolution + ", given weights");
    Report report =
        new Report("Transfer between photos without training", circumstances, List.of(section));
    Path page =
        ReportFiles.write(report, Path.of(properties.getProperty("fgvc.report", "target/photos")));
    section.tables().forEach(table -> out.printf(Locale.ROOT, "%n%s%n", table));
    out.println();
    section.directions().forEach(out::println);
    out.printf(
        Locale.ROOT,
        "%s%ndone in %.0f s%n",
        page.toAbsolutePath(),
        (System.nanoTime() - start) / 1e9);
    return section.directions();
  }

  private static Report.Section transfer(
      Weights weights, Resolution resolution, List<DatasetSplits> domains, Progress progress) {
    try (Network network = network(Head.average(), weights)) {
      FrozenTransferStudy.Result result =
          FrozenTransferStudy.run(network, resolution, domains, 1, progress);
      return new Report.Section(
          "Source classes seen through frozen features",
          "A linear classifier of the source classes is fitted to features of the network; a"
              + " target sees nothing but its scores.",
          result.tables(),
          List.of(),
          List.of(),
          result.directions());
    }
  }

  private static Report.Section heads(
      Weights weights, Resolution resolution, List<DatasetSplits> domains, Progress progress) {
    try (Network average = network(Head.average(), weights);
        Network bilinear = network(Head.compactBilinear(AVERAGED, 1), weights)) {
      FrozenHeadStudy.Result result =
          FrozenHeadStudy.run(
              new FrozenHeadStudy.Method("average", average),
              List.of(new FrozenHeadStudy.Method("compact bilinear", bilinear)),
              resolution,
              domains,
              progress);
      return new Report.Section(
          "Heads on frozen features",
          "The last layer alone learns, as in the first stage of bilinear networks; table 8 trains"
              + " all layers afterwards.",
          List.of(result.table()),
          List.of(),
          List.of(),
          result.directions());
    }
  }

  private static Network network(Head head, Weights weights) {
    NetworkGraph graph =
        Architecture.INCEPTION_V3.builder().classes(2).auxiliaryHead(false).head(head).build();
    return Engine.best().compile(graph, weights.transferTo(graph, 1).weights());
  }
}
