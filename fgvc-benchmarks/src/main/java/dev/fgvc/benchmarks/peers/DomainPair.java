package dev.fgvc.benchmarks.peers;

import dev.fgvc.benchmarks.Settings;
import dev.fgvc.emd.ExactEmd;
import dev.fgvc.emd.GroundDistance;
import dev.fgvc.emd.GroundDistances;
import dev.fgvc.emd.TransportPlan;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.torch.TorchDistances;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/** Work on two domains that stand in four npy files: features and image counts of each. */
final class DomainPair {

  /** So many entries of a matrix are compared, spread evenly over it. */
  private static final int SAMPLES = 1000;

  private final DomainFeatures source;
  private final DomainFeatures target;

  private DomainPair(Settings settings) throws IOException {
    Path folder = settings.path("folder");
    source = read(folder, "source");
    target = read(folder, "target");
  }

  private static DomainFeatures read(Path folder, String name) throws IOException {
    return DomainFeatures.readNpy(
        name, folder.resolve(name + ".npy"), folder.resolve(name + "-counts.npy"));
  }

  /** From finished costs; the distance itself is the result. */
  static Work exactEmd(Settings settings) throws IOException {
    DomainPair pair = new DomainPair(settings);
    DMatrixRMaj cost =
        GroundDistances.ejml().between(pair.source.classMeans(), pair.target.classMeans());
    double[] supply = pair.source.imageCounts();
    double[] demand = pair.target.imageCounts();
    return () -> distance(ExactEmd.create().solve(supply, demand, cost));
  }

  /** From features, without a cost matrix. */
  static Work streamedEmd(Settings settings) throws IOException {
    DomainPair pair = new DomainPair(settings);
    FMatrixRMaj sources = pair.source.classMeans();
    FMatrixRMaj targets = pair.target.classMeans();
    double[] supply = pair.source.imageCounts();
    double[] demand = pair.target.imageCounts();
    return () -> distance(ExactEmd.create().solveEuclidean(supply, demand, sources, targets));
  }

  private static double[] distance(TransportPlan plan) {
    return new double[] {plan.distance()};
  }

  /** The matrix of Euclidean distances, as float64 but for the engine called single. */
  static Work groundDistance(Settings settings) throws IOException {
    DomainPair pair = new DomainPair(settings);
    FMatrixRMaj sources = pair.source.classMeans();
    FMatrixRMaj targets = pair.target.classMeans();
    String engine = settings.text("engine", "ejml");
    if (engine.equals("single")) {
      return () -> samples(GroundDistances.singlePrecision(sources, targets));
    }
    GroundDistance distance = groundDistance(engine, settings.device());
    return () -> samples(distance.between(sources, targets));
  }

  private static GroundDistance groundDistance(String engine, Device device) {
    return switch (engine) {
      case "ejml" -> GroundDistances.ejml();
      case "nd4j" -> GroundDistances.nd4j();
      case "torch" -> TorchDistances.on(device)::between;
      default -> throw new IllegalArgumentException("no engine is called '" + engine + "'");
    };
  }

  private static double[] samples(DMatrixRMaj matrix) {
    return samples(matrix.getNumElements(), k -> matrix.data[k]);
  }

  private static double[] samples(FMatrixRMaj matrix) {
    return samples(matrix.getNumElements(), k -> matrix.data[k]);
  }

  private static double[] samples(int elements, IntToDoubleFunction element) {
    int step = Math.max(1, elements / SAMPLES);
    return IntStream.range(0, Math.min(SAMPLES, elements))
        .mapToDouble(k -> element.applyAsDouble(k * step))
        .toArray();
  }
}
