package dev.fgvc.nets.eval;

import dev.fgvc.data.Dataset;
import dev.fgvc.image.ImageTransform;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How images are decoded and features of a data set grouped, and what is noted of them, the same on
 * one machine and on many, so that each goes on with what the other has kept.
 */
public final class KeptFeatures {

  /** Images that go through a network together. The last bits of features may depend on it. */
  public static final int BATCH_SIZE = BatchedInference.BATCH_SIZE;

  /** Images of a shard: a few batches, so that an interrupted run loses little; 2 MB at 2048. */
  public static final int SHARD_SIZE = 8 * BATCH_SIZE;

  /** Threads that decode the next batch while the network computes. */
  public static final int DECODING_THREADS = BatchedInference.DECODING_THREADS;

  private KeptFeatures() {}

  /**
   * Describes what features are made of, apart from the backbone.
   *
   * @param dataset the images, of which a part is read
   * @param transform what the backbone is given of each
   * @return a text for each kind
   */
  public static Map<String, String> origin(Dataset dataset, ImageTransform transform) {
    Map<String, String> origin = new LinkedHashMap<>();
    origin.put(
        "images",
        dataset.size()
            + " images of "
            + dataset.classCount()
            + " classes #"
            + dataset.contentHash());
    origin.put("crop", transform.toString());
    return origin;
  }

  /**
   * Requires of a transform what a feature for each image needs.
   *
   * @param transform makes a network's input
   * @throws IllegalArgumentException if it makes several views or random choices
   */
  public static void requireOneView(ImageTransform transform) {
    if (transform.views() != 1 || transform.isRandom()) {
      throw new IllegalArgumentException(
          transform
              + " does not give each image one feature: one view without random choices does");
    }
  }
}
