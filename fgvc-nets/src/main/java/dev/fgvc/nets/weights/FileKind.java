package dev.fgvc.nets.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipFile;

/**
 * Recognises the files that users have at hand by their first bytes, to say what was given where
 * another kind of file was expected, and what to do with it.
 */
final class FileKind {

  private static final int HEAD = 64;

  private static final String PICKLE =
      "a pickle of PyTorch (torch.save), which may run any code when it is loaded; load it in Python"
          + " with torch.load(..., weights_only=True) and save its tensors with"
          + " safetensors.torch.save_file";

  private static final String HDF5 = "an HDF5 file; Keras' are read by WeightsImport.keras";

  /** Beginnings in ISO 8859-1, and what they mean. */
  private static final Map<String, String> BEGINNINGS =
      Map.of(
          "\u0089HDF\r\n\u001a\n", HDF5,
          "\u0080\u0002", PICKLE,
          "\u0080\u0003", PICKLE,
          "\u0080\u0004", PICKLE,
          "\u0080\u0005", PICKLE,
          "\u0093NUMPY", "a NumPy array",
          "\u001f\u008b", "compressed by gzip; decompress it first",
          "version https://git-lfs", "a pointer of Git LFS, not the file itself; run git lfs pull");

  private FileKind() {}

  /** The kind of a file, as the end of a sentence after a semicolon; empty if unknown. */
  static String hint(Path file) {
    String kind;
    try {
      kind = Files.isDirectory(file) ? "a folder" : kind(file);
    } catch (IOException | RuntimeException e) {
      kind = "";
    }
    return kind.isEmpty() ? "" : "; it is " + kind;
  }

  private static String kind(Path file) throws IOException {
    String head = head(file);
    String start = head.stripLeading().toLowerCase(Locale.ROOT);
    if (head.startsWith("PK\u0003\u0004")) {
      return zip(file);
    }
    if (start.startsWith("<!doctype html") || start.startsWith("<html")) {
      return "a page of HTML, as a download leaves that failed";
    }
    if (head.length() > 8 && head.charAt(8) == '{' && head.startsWith("\0\0\0\0", 4)) {
      return "perhaps a safetensors file; PyTorch's are read by WeightsImport.pytorch";
    }
    if (start.startsWith("{")) {
      return "JSON";
    }
    return BEGINNINGS.entrySet().stream()
        .filter(beginning -> head.startsWith(beginning.getKey()))
        .findFirst()
        .map(Map.Entry::getValue)
        .orElse("");
  }

  private static String head(Path file) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (head.hasRemaining() && channel.read(head) >= 0) {
        // reads on
      }
    }
    return new String(head.array(), 0, head.position(), StandardCharsets.ISO_8859_1);
  }

  private static String zip(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      List<String> names = zip.stream().limit(1000).map(entry -> entry.getName()).toList();
      if (names.stream().anyMatch(name -> name.endsWith("data.pkl"))) {
        return PICKLE;
      }
      if (names.contains(KerasArchive.WEIGHTS)) {
        return "a model of Keras; WeightsImport.keras reads it";
      }
      if (names.stream().anyMatch(name -> name.endsWith(".npy"))) {
        return "an npz archive of NumPy arrays";
      }
      return "a zip archive of " + String.join(", ", names.subList(0, Math.min(3, names.size())));
    }
  }
}
