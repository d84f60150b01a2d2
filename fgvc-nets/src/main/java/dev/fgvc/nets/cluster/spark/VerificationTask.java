package dev.fgvc.nets.cluster.spark;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetVerification;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.data.VerificationReport.Finding;
import dev.fgvc.feature.ClassMeans;
import dev.fgvc.image.ImageCheck;
import dev.fgvc.image.ImageTransform;
import dev.fgvc.loader.SkippedImage;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** Finds the damaged files of a partition's image blocks, and those that are not there. */
final class VerificationTask extends AbstractFunction1<Iterator<byte[]>, byte[]>
    implements Serializable {

  private static final long serialVersionUID = 1L;

  private final SerializableSupplier<ImageTransform> transform;

  VerificationTask(SerializableSupplier<ImageTransform> transform) {
    this.transform = transform;
  }

  @Override
  public byte[] apply(Iterator<byte[]> blocks) {
    return apply(blocks, SparkJob.whileRunning());
  }

  /**
   * Verifies images until they end.
   *
   * @param beforeEachImage throws where the work is to end; called on any thread
   */
  byte[] apply(Iterator<byte[]> blocks, Runnable beforeEachImage) {
    List<SkippedImage> damaged = new ArrayList<>();
    long images = 0;
    ImageCheck transforming = ImageCheck.transforming(transform.get());
    ImageCheck check =
        file -> {
          beforeEachImage.run();
          transforming.check(file);
        };
    while (blocks.hasNext()) {
      ImageBlock block = ImageBlock.fromBytes(blocks.next());
      images += block.images().size();
      verify(block, check).stream()
          .map(
              found ->
                  new SkippedImage(block.first() + found.position(), found.path(), found.reason()))
          .forEach(damaged::add);
    }
    return new Outcome(images, ClassMeans.ofDimension(1), damaged).toBytes();
  }

  private static List<Finding> verify(ImageBlock block, ImageCheck check) {
    List<LabeledImage> files =
        block.images().stream().map(image -> new LabeledImage(image.name(), 0)).toList();
    Dataset part = Dataset.of("images of a task", List.of("any"), files);
    try {
      return DatasetVerification.of(part).withCheck(check).withThreads(1).run().findings();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
