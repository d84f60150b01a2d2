package dev.fgvc.nets.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** The weights inside a {@code .keras} file, a zip archive, as the HDF5 file that they are. */
final class KerasArchive {

  /** Where {@code model.save("x.keras")} puts the weights. */
  static final String WEIGHTS = "model.weights.h5";

  /** Keras stores without compression; a zip made again by hand saves a little. */
  private static final int MAX_GROWTH = 4;

  /** A file of this many bytes is small, however well it was compressed. */
  private static final long SMALL = 1 << 20;

  private KerasArchive() {}

  static boolean isArchive(Path file) throws IOException {
    try (InputStream stream = Files.newInputStream(file)) {
      byte[] start = stream.readNBytes(4);
      return start.length == 4
          && start[0] == 'P'
          && start[1] == 'K'
          && start[2] == 3
          && start[3] == 4;
    }
  }

  /** Reads the weights out of the archive, into memory. */
  static ByteBuffer read(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry(WEIGHTS);
      if (entry == null) {
        List<String> names = zip.stream().limit(4).map(ZipEntry::getName).toList();
        throw new WeightsFormatException(
            file, "lacks " + WEIGHTS + ", so it is no model of Keras; it holds " + names);
      }
      long size = entry.getSize();
      long bound = Math.max(SMALL, MAX_GROWTH * Files.size(file));
      if (size < 0 || size > Math.min(bound, Integer.MAX_VALUE - 16)) {
        throw new WeightsFormatException(
            file,
            String.format(
                Locale.ROOT,
                "claims %d bytes of %s in a file of %d",
                size,
                WEIGHTS,
                Files.size(file)));
      }
      try (InputStream stream = zip.getInputStream(entry)) {
        byte[] content = stream.readNBytes((int) size);
        if (content.length < size) {
          throw new WeightsFormatException(
              file,
              String.format(
                  Locale.ROOT, "ends after %d of %d bytes of %s", content.length, size, WEIGHTS));
        }
        return ByteBuffer.wrap(content);
      }
    } catch (ZipException | IllegalArgumentException | EOFException e) {
      throw new WeightsFormatException(
          file, "is no zip archive that can be read: " + e.getMessage());
    }
  }
}
