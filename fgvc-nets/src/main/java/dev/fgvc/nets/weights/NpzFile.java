package dev.fgvc.nets.weights;

import dev.fgvc.file.NpyFormat;
import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * NumPy's archive of arrays: a zip of uncompressed npy files, float32 in C order. A variable's
 * slashes stay, so {@code numpy.load(file)["InceptionV3/Conv2d_1a_3x3/weights"]} finds it.
 */
final class NpzFile {

  /** Fixed, so that equal weights give equal files. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private NpzFile() {}

  static void write(Path file, Map<String, WeightTensor> tensors) throws IOException {
    WholeFile.write(
        file,
        channel -> {
          // not closed: that would close the channel before it is forced to the disk
          ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
          zip.setMethod(ZipOutputStream.STORED);
          for (Map.Entry<String, WeightTensor> tensor : tensors.entrySet()) {
            WeightTensor values = tensor.getValue();
            byte[] npy = NpyFormat.floats(values.values(), values.shape());
            CRC32 checksum = new CRC32();
            checksum.update(npy);
            ZipEntry entry = new ZipEntry(tensor.getKey() + ".npy");
            entry.setTimeLocal(TIME);
            entry.setSize(npy.length);
            entry.setCrc(checksum.getValue());
            zip.putNextEntry(entry);
            zip.write(npy);
            zip.closeEntry();
          }
          zip.finish();
        });
  }
}
