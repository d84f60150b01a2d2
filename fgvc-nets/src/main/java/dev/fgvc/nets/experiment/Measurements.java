package dev.fgvc.nets.experiment;

import dev.fgvc.data.Dataset;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.CentralCrop;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.metric.Outcomes;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Network;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.eval.Errors;
import dev.fgvc.nets.eval.Evaluation;
import dev.fgvc.nets.eval.FeatureExtraction;
import dev.fgvc.nets.eval.KeptFeatures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.ejml.data.FMatrixRMaj;

/** Measures with compiled networks, and keeps the results where a laboratory keeps its work. */
final class Measurements {

  /** Images, as a network sees them. */
  record Pass(Dataset dataset, ImageTransform transform) {}

  private final Engine engine;
  private final Precision precision;
  private final TaskGroups groups;
  private final Optional<ResultFolder> results;
  private final CostLedger ledger;

  /** Whether results are made up and work is counted alone. */
  private final boolean rehearses;

  Measurements(
      Engine engine,
      Precision precision,
      TaskGroups groups,
      Optional<ResultFolder> results,
      CostLedger ledger,
      boolean rehearses) {
    this.engine = engine;
    this.precision = precision;
    this.groups = groups;
    this.results = results;
    this.ledger = ledger;
    this.rehearses = rehearses;
  }

  /** Compiles for the calling thread's device; the caller closes the network. */
  Network compile(TrainedNetwork network) {
    return engine.compile(
        network.graph(), network.weights(), new InferenceOptions(groups.device(), precision));
  }

  /** The errors on the views that a transform makes of each image. */
  Errors errors(TrainedNetwork network, Dataset dataset, ImageTransform views) {
    return errors(
        "errors",
        List.of(network),
        new Pass(dataset, views),
        compiled ->
            Evaluation.of(compiled.get(0), views).withProgress(groups::report).errors(dataset));
  }

  /** The errors of several networks together. */
  Errors errors(
      String kind, List<TrainedNetwork> networks, Pass pass, Function<List<Network>, Errors> work) {
    return measured(
            kind, networks, List.of(pass), 1, 0, compiled -> Measured.of(work.apply(compiled)))
        .errors()
        .get(0);
  }

  DomainFeatures features(TrainedNetwork network, Dataset dataset) {
    ledger.evaluation(network, network.resolution(), dataset.size());
    if (rehearses) {
      return madeUpFeatures(dataset);
    }
    try (Network compiled = compile(network)) {
      FeatureExtraction extraction =
          FeatureExtraction.with(compiled, network.resolution()).withProgress(groups::report);
      if (results.isEmpty()) {
        return extraction.extract(dataset);
      }
      Pass pass = new Pass(dataset, CentralCrop.of(network.resolution()));
      Map<String, String> madeOf = madeOf("features", List.of(network), List.of(pass));
      return extraction.extract(dataset, results.get().features(madeOf));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Class means on a line, so that some classes are nearer than others. */
  private static DomainFeatures madeUpFeatures(Dataset dataset) {
    FMatrixRMaj means = new FMatrixRMaj(dataset.classCount(), 1);
    double[] counts = new double[dataset.classCount()];
    for (int c = 0; c < counts.length; c++) {
      means.data[c] = c;
      counts[c] = Math.max(1, dataset.imageCounts()[c]);
    }
    return DomainFeatures.of(dataset.name(), dataset.classNames(), means, counts);
  }

  /**
   * Measures with compiled networks, now or in an earlier process.
   *
   * @param kind tells measurements of the same networks and images apart
   * @param networks are compiled for the work
   * @param passes each goes through each network; the errors are those of the last one's images
   * @param work gives the results
   * @param errors how many the work gives
   * @param scores likewise
   */
  Measured measured(
      String kind,
      List<TrainedNetwork> networks,
      List<Pass> passes,
      int errors,
      int scores,
      Function<List<Network>, Measured> work) {
    for (TrainedNetwork network : networks) {
      for (Pass pass : passes) {
        long images = (long) pass.dataset().size() * pass.transform().views();
        ledger.evaluation(network, pass.transform().resolution(), images);
      }
    }
    if (rehearses) {
      Dataset judged = passes.get(passes.size() - 1).dataset();
      return new Measured(
          Collections.nCopies(errors, madeUpErrors(judged)), Collections.nCopies(scores, 0.0));
    }
    return results
        .map(kept -> kept.measured(madeOf(kind, networks, passes), () -> compiled(networks, work)))
        .orElseGet(() -> compiled(networks, work));
  }

  private Measured compiled(List<TrainedNetwork> networks, Function<List<Network>, Measured> work) {
    List<Network> compiled = new ArrayList<>();
    try {
      networks.forEach(network -> compiled.add(compile(network)));
      return work.apply(compiled);
    } finally {
      compiled.forEach(Network::close);
    }
  }

  private static Errors madeUpErrors(Dataset dataset) {
    int[] ranks = IntStream.range(0, dataset.size()).map(i -> i % 2).toArray();
    return new Errors(Outcomes.ofRanks(ranks, dataset.labels(), dataset.classCount()));
  }

  private Map<String, String> madeOf(
      String kind, List<TrainedNetwork> networks, List<Pass> passes) {
    Map<String, String> parts = new TreeMap<>();
    parts.put("kind", kind);
    parts.put("engine", engine.name());
    parts.put("precision", precision + " on " + groups.deviceKind());
    for (int i = 0; i < networks.size(); i++) {
      TrainedNetwork network = networks.get(i);
      parts.put("network " + i, Network.identity(network.graph(), network.weights()));
    }
    for (int i = 0; i < passes.size(); i++) {
      String name = passes.get(i).dataset().name() + ", ";
      int pass = i;
      KeptFeatures.origin(passes.get(i).dataset(), passes.get(i).transform())
          .forEach((part, text) -> parts.put(part + " " + pass, name + text));
    }
    return parts;
  }
}
