package dev.fgvc.nets.weights;

import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
            byte[] npy = npy(tensor.getValue());
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

  private static byte[] npy(WeightTensor tensor) {
    String header =
        String.format(
            "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }", tuple(tensor.shape()));
    int headerSize = (10 + header.length() + 1 + 63) / 64 * 64 - 10;
    ByteBuffer npy =
        ByteBuffer.allocate(10 + headerSize + 4 * tensor.size()).order(ByteOrder.LITTLE_ENDIAN);
    npy.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    npy.put((byte) 1).put((byte) 0).putShort((short) headerSize);
    npy.put(header.getBytes(StandardCharsets.US_ASCII));
    while (npy.position() < 9 + headerSize) {
      npy.put((byte) ' ');
    }
    npy.put((byte) '\n').asFloatBuffer().put(tensor.values());
    return npy.array();
  }

  private static String tuple(List<Integer> shape) {
    String sides = shape.stream().map(String::valueOf).collect(Collectors.joining(", "));
    return "(" + sides + (shape.size() == 1 ? ",)" : ")");
  }
}
