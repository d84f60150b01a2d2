package dev.fgvc.nets.weights;

import dev.fgvc.file.NpyFormat;
import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipOutputStream;

/**
 * NumPy's archive of arrays: a zip of uncompressed npy files, float32 in C order. A variable's
 * slashes stay, so {@code numpy.load(file)["InceptionV3/Conv2d_1a_3x3/weights"]} finds it.
 */
final class NpzFile {

  private NpzFile() {}

  static void write(Path file, Map<String, WeightTensor> tensors) throws IOException {
    WholeFile.write(
        file,
        channel -> {
          // not closed: that would close the channel before it is forced to the disk
          ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
          for (Map.Entry<String, WeightTensor> tensor : tensors.entrySet()) {
            WeightTensor values = tensor.getValue();
            NpyFormat.store(
                zip, tensor.getKey(), NpyFormat.floats(values.values(), values.shape()));
          }
          zip.finish();
        });
  }
}
