package dev.fgvc.image;

import java.io.ByteArrayOutputStream;

/**
 * The chunks that make a PNG file an animation (W3C PNG, third edition, section 11.3.6). Without
 * them the file is its default image, which programs show that know no animations; OpenCV decodes
 * the first frame, which may be another picture.
 */
final class PngAnimation {

  private static final int FIRST_CHUNK = 8;
  private static final int BYTES_BESIDE_CONTENT = 12;
  private static final int CONTROL = 0x6163544C; // acTL
  private static final int FRAME_CONTROL = 0x6663544C; // fcTL
  private static final int FRAME_DATA = 0x66644154; // fdAT
  private static final int PICTURE = 0x49444154; // IDAT

  private PngAnimation() {}

  /**
   * Returns a file's default image.
   *
   * @param png a file that {@link ImageHeader#parse} accepts, so its chunks are whole
   * @return a file of one picture; the same array if it is no animation
   */
  static byte[] defaultImage(byte[] png) {
    if (!isAnimated(png)) {
      return png;
    }
    ByteArrayOutputStream still = new ByteArrayOutputStream(png.length);
    still.write(png, 0, FIRST_CHUNK);
    int end;
    for (int at = FIRST_CHUNK; at < png.length; at = end) {
      int type = type(png, at);
      end = type == ImageHeader.IEND ? png.length : end(png, at);
      if (type != CONTROL && type != FRAME_CONTROL && type != FRAME_DATA) {
        still.write(png, at, end - at);
      }
    }
    return still.toByteArray();
  }

  /** Whether a control chunk stands before the picture; elsewhere it says nothing. */
  private static boolean isAnimated(byte[] png) {
    int at = FIRST_CHUNK;
    while (type(png, at) != CONTROL) {
      if (type(png, at) == PICTURE || type(png, at) == ImageHeader.IEND) {
        return false;
      }
      at = end(png, at);
    }
    return true;
  }

  private static int type(byte[] png, int at) {
    return ImageHeader.i32(png, at + Integer.BYTES);
  }

  private static int end(byte[] png, int at) {
    return at + BYTES_BESIDE_CONTENT + ImageHeader.i32(png, at);
  }
}
