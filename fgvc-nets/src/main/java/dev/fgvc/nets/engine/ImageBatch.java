package dev.fgvc.nets.engine;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Batch;
import dev.fgvc.loader.PixelLayout;
import dev.fgvc.loader.Targets;

/** A batch of RGB images of one size: normalised floats or the bytes of a decoder. */
public sealed interface ImageBatch permits Images, ByteImages {

  /**
   * Wraps a loader's batch in the form that the loader was asked to make.
   *
   * @param batch not closed while the images are in use, for they share its buffer
   * @return floats or bytes
   */
  static ImageBatch of(Batch batch) {
    return batch.layout() == PixelLayout.BYTES ? ByteImages.of(batch) : Images.of(batch);
  }

  /**
   * How many images.
   *
   * @return at least 1
   */
  int count();

  /**
   * The size of each.
   *
   * @return the resolution
   */
  Resolution resolution();

  /**
   * The batch as normalised floats, for engines that know nothing else.
   *
   * @return the batch itself, or a copy with each byte normalised
   */
  Images toFloats();

  /**
   * Some of the images, without a copy.
   *
   * @param first from 0
   * @param size at least 1
   * @return a batch that shares this one's buffer
   * @throws IndexOutOfBoundsException if the batch has no such images
   */
  ImageBatch part(int first, int size);

  /**
   * Refuses labels that are not one for each image.
   *
   * @param labels the class of each image
   * @param classes how many classes there are
   * @throws IllegalArgumentException if there are more or fewer labels than images, or one is not
   *     from 0 to the number of classes - 1
   */
  default void requireLabels(int[] labels, int classes) {
    if (labels.length != count()) {
      throw new IllegalArgumentException(labels.length + " labels for " + count() + " images");
    }
    for (int i = 0; i < labels.length; i++) {
      checkArgument(
          labels[i] >= 0 && labels[i] < classes,
          "label %s of image %s: must be from 0 to %s",
          labels[i],
          i,
          classes - 1);
    }
  }

  /**
   * Refuses targets that do not fit these images.
   *
   * @param targets those of each image, where there is one
   * @param classes how many there are
   * @throws IllegalArgumentException if there are more or fewer targets than images, or a class is
   *     not from 0 to the number of classes - 1
   */
  default void requireTargets(Targets targets, int classes) {
    requireLabels(targets.labels(), classes);
    requireLabels(targets.others(), classes);
  }
}
