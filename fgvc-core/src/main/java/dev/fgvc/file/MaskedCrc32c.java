package dev.fgvc.file;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The checksum of TensorFlow's checkpoints and event files (crc32c.h): CRC-32C, rotated, plus a
 * constant, since the CRC of data that contain their own CRC is weak.
 */
public final class MaskedCrc32c {

  private static final int ROTATION = 15;
  private static final int DELTA = 0xa282ead8;

  private MaskedCrc32c() {}

  /**
   * The checksum of some bytes.
   *
   * @param bytes from the position to the limit, which stay as they are
   * @return the masked checksum
   */
  public static int of(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.duplicate());
    return Integer.rotateRight((int) checksum.getValue(), ROTATION) + DELTA;
  }
}
