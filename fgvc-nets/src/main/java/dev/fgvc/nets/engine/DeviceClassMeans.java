package dev.fgvc.nets.engine;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.feature.FeatureMemory;
import dev.fgvc.nets.arch.NetworkGraph;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.ejml.data.DMatrixRMaj;

/**
 * The class means of a stream of images, gathered where the network computes: bytes go to the
 * device as a decoder gives them, are normalised there, pass through the network, and their pooled
 * features are added up there in double precision. Nothing comes back before the means or the
 * distances are asked for.
 *
 * <p>On a GPU the copy of one batch overlaps the computation of the one before, through two buffers
 * of page-locked memory, and adding a batch does not wait for its result. In {@link Precision#FP32}
 * the means are those of {@link dev.fgvc.feature.ClassMeans} over {@link Network#features} to
 * within 1e-5 in the Euclidean norm, in {@link Precision#BF16} to within 1e-2.
 *
 * <p>Memory on the device is 8 bytes for each class and feature and two batches of bytes, beside
 * what the network takes. Not safe for use by several threads at once.
 *
 * <pre>{@code
 * BatchLoader loader =
 *     BatchLoader.builder(birds, CentralCrop.of(resolution)).layout(PixelLayout.BYTES).build();
 * try (DeviceClassMeans means = network.classMeans(birds.classNames().size());
 *     Batches batches = loader.epoch(0)) {
 *   while (batches.hasNext()) {
 *     try (Batch batch = batches.next()) {
 *       means.add(ByteImages.of(batch), batch.labels());
 *     }
 *   }
 *   DMatrixRMaj costs = means.distancesTo(target);
 *   DomainFeatures domain = means.toDomain(birds.name(), birds.classNames());
 * }
 * }</pre>
 */
public final class DeviceClassMeans implements AutoCloseable {

  private final NetworkGraph graph;
  private final ClassSums sums;
  private final long[] counts;
  private boolean closed;

  /**
   * For engines; an application asks {@link Network#classMeans}.
   *
   * @param graph of the network whose features are summed
   * @param classes how many, at least 1
   * @param engine makes sums for that many classes, all 0; called once
   * @throws IllegalArgumentException if there is no class
   */
  public DeviceClassMeans(NetworkGraph graph, int classes, IntFunction<ClassSums> engine) {
    if (classes < 1) {
      throw new IllegalArgumentException("means of " + classes + " classes: must be at least 1");
    }
    this.graph = graph;
    this.counts = new long[classes];
    this.sums = engine.apply(classes);
  }

  /**
   * Adds a batch of images. Their buffer may be written again as soon as this returns.
   *
   * @param images a batch of any size and resolution that the network takes
   * @param labels the class of each image, from 0 to the number of classes - 1
   * @throws IllegalArgumentException if there are not as many labels as images, a label is out of
   *     range or the images are too small for the network; nothing was added then
   * @throws IllegalStateException if this or its network is closed
   * @throws EngineException if memory does not suffice; nothing was added then
   */
  public void add(ByteImages images, int[] labels) {
    requireOpen();
    images.requireLabels(labels, counts.length);
    sums.add(images, labels);
    for (int label : labels) {
      counts[label]++;
    }
  }

  /**
   * The number of images added so far.
   *
   * @return at least 0
   */
  public long imageCount() {
    return Arrays.stream(counts).sum();
  }

  /**
   * The domain of all images so far; waits for the device and copies the means back.
   *
   * @param name what the domain is called
   * @param classNames a name for each class
   * @return means and counts
   * @throws IllegalArgumentException if there are more or fewer names than classes, a mean is NaN
   *     or infinite, or the means are more than the heap can hold
   * @throws IllegalStateException if a class has no images, or this or its network is closed
   * @throws EngineException if memory does not suffice
   */
  public DomainFeatures toDomain(String name, List<String> classNames) {
    double[] images = countsOfAll();
    FeatureMemory.requireMatrix("class means of " + name, images.length, graph.featureDimension());
    return DomainFeatures.of(name, classNames, sums.means(images), images);
  }

  /**
   * The Euclidean distance of every class mean so far to every mean of another domain, by one
   * matrix product in double precision on the device; only the distances come back. They are
   * accurate to about 1e-8 of the longest mean, seen from the targets' centre.
   *
   * @param targets a domain of the same dimension
   * @return classes x targets; as costs of an exact EMD, for instance
   * @throws IllegalArgumentException if the dimensions differ or the matrix is too large for Java
   * @throws IllegalStateException if a class has no images, or this or its network is closed
   * @throws EngineException if memory does not suffice: 16 bytes on the device for each distance
   */
  public DMatrixRMaj distancesTo(DomainFeatures targets) {
    double[] images = countsOfAll();
    checkArgument(
        targets.dimension() == graph.featureDimension(),
        "%s is not of the %s dimensions that %s gives",
        targets,
        graph.featureDimension(),
        graph.name());
    if ((long) counts.length * targets.classCount() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          counts.length
              + " x "
              + targets.classCount()
              + " distances are more than a Java array holds: gather fewer classes at once");
    }
    return sums.distances(images, targets.classMeans());
  }

  private double[] countsOfAll() {
    requireOpen();
    for (int c = 0; c < counts.length; c++) {
      if (counts[c] == 0) {
        throw new IllegalStateException(
            lenientFormat("class %s of %s has no images yet, so it has no mean", c, counts.length));
      }
    }
    return Arrays.stream(counts).asDoubleStream().toArray();
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the class means are closed");
    }
  }

  /** Frees the device's memory; the network stays open. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      sums.close();
    }
  }
}
