package dev.fgvc.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads and decodes one file strictly. */
final class ImageFile {

  /** A 100 megapixel photo of the best quality has less. */
  private static final long MAX_BYTES = 512L << 20;

  private final Path path;
  private final byte[] bytes;
  private final ImageHeader header;
  private final ImageDecoding decoding;

  private ImageFile(Path path, byte[] bytes, ImageHeader header, ImageDecoding decoding) {
    this.path = path;
    this.bytes = bytes;
    this.header = header;
    this.decoding = decoding;
  }

  /** Height and width are those after turning, where the decoding asks for that. */
  static ImageFile read(Path path, ImageDecoding decoding) throws IOException {
    long size = Files.size(path);
    if (size > MAX_BYTES) {
      throw new ImageFormatException(path, size + " bytes are above the limit of " + MAX_BYTES);
    }
    return of(Files.readAllBytes(path), path, decoding);
  }

  /**
   * The same of a file's bytes, wherever they are from.
   *
   * @param name what messages call them
   */
  static ImageFile of(byte[] bytes, Path name, ImageDecoding decoding) {
    ImageHeader header = ImageHeader.parse(bytes, name, decoding.maximumPixels());
    return new ImageFile(name, bytes, decoding.upright() ? header.upright() : header, decoding);
  }

  /**
   * Looks for damage that decoding passes over, in a file that was decoded: however large, since
   * decoding has had its own limit and nothing here takes memory by the declared size.
   */
  static void requireUndamaged(Path path) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    ImageHeader header = ImageHeader.parse(bytes, path, Long.MAX_VALUE);
    Optional<String> damage =
        switch (header.format()) {
          case JPEG -> JpegDamage.find(bytes);
          case PNG -> ImageHeader.pngDamage(bytes);
          case WEBP -> Optional.empty(); // has no checksums; the decoder refuses what it can
        };
    if (damage.isPresent()) {
      throw new ImageFormatException(path, "damaged: " + damage.get());
    }
  }

  /** The file, or what messages call the bytes. */
  Path path() {
    return path;
  }

  int height() {
    return header.height();
  }

  int width() {
    return header.width();
  }

  /** The picture with as many pixels as one box of it needs to become an image of that size. */
  Picture decode(Box box, Resolution target) {
    boolean isJpeg = header.format() == ImageHeader.Format.JPEG;
    int reduction = isJpeg ? decoding.reduction(box, target) : 1;
    byte[] still =
        header.format() == ImageHeader.Format.PNG ? PngAnimation.defaultImage(bytes) : bytes;
    return OpenCv.call(
        "decoding " + path, () -> OpenCvDecoder.decode(still, header, reduction, path));
  }
}
