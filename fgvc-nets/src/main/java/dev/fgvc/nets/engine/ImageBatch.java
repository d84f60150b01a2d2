package dev.fgvc.nets.engine;

import dev.fgvc.image.Resolution;

/** A batch of RGB images of one size: normalised floats or the bytes of a decoder. */
public sealed interface ImageBatch permits Images, ByteImages {

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
