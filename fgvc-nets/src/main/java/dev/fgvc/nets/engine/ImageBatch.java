package dev.fgvc.nets.engine;

import dev.fgvc.image.Resolution;
import dev.fgvc.loader.Batch;
import dev.fgvc.loader.PixelLayout;

/** A batch of RGB images of one size: normalised floats or the bytes of a decoder. */
public sealed interface ImageBatch permits Images, ByteImages {

  /**
   * What a loader hands out, in the form it was asked to make.
   *
   * @param batch not closed while the images are in use, for they share its buffer
   * @return floats or bytes
   */
  static ImageBatch of(Batch batch) {
    return batch.layout() == PixelLayout.BYTES
        ? ByteImages.of(batch)
        : new Images(batch.images(), batch.size(), batch.resolution());
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
   * @return the batch itself, or a copy with each byte x as x / 127.5 - 1
   */
  Images toFloats();
}
