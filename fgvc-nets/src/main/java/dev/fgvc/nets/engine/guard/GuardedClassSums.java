package dev.fgvc.nets.engine.guard;

import dev.fgvc.natives.NativeLibrary;
import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.ClassSums;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/** Class sums whose failures are told in an engine's words. */
public final class GuardedClassSums implements ClassSums {

  private final NativeLibrary library;
  private final String network;
  private final ClassSums sums;

  /**
   * Wraps class sums.
   *
   * @param library that they are computed with
   * @param network whose features are summed, for messages
   * @param sums closed with these
   */
  public GuardedClassSums(NativeLibrary library, String network, ClassSums sums) {
    this.library = library;
    this.network = network;
    this.sums = sums;
  }

  @Override
  public void add(ByteImages images, int[] labels) {
    library.run(
        images.count() + " images of " + images.resolution() + " through " + network,
        () -> sums.add(images, labels));
  }

  @Override
  public FMatrixRMaj means(double[] counts) {
    return library.call(
        "means of " + counts.length + " classes of " + network, () -> sums.means(counts));
  }

  @Override
  public DMatrixRMaj distances(double[] counts, FMatrixRMaj targets) {
    return library.call(
        counts.length + " x " + targets.numRows + " distances of " + network,
        () -> sums.distances(counts, targets));
  }

  @Override
  public void close() {
    library.run("closing class sums of " + network, sums::close);
  }
}
