package dev.fgvc.data;

import dev.fgvc.artifact.OptionalReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A MATLAB file of a layout: variables that are lists of numbers or texts, or fields of struct
 * arrays. The MAT File Library reads it; this interface does not depend on that library, so that
 * the error for its absence can be thrown without it.
 */
interface MatFile {

  /** The official files have less than 10 MB. */
  long MAX_BYTES = 64L << 20;

  /** Reads a file whole; its compressed parts may not grow beyond a limit. */
  static MatFile read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new DatasetFormatException(file, "expected this file of the layout, found none");
    }
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new DatasetFormatException(
          file, "expected at most " + MAX_BYTES + " bytes, found " + size);
    }
    byte[] bytes = Files.readAllBytes(file);
    try {
      return MflMatFile.parse(file, bytes);
    } catch (NoClassDefFoundError e) {
      throw OptionalReader.MATLAB.missing(e);
    }
  }

  /** The elements of a numeric array, column by column. */
  int[] integers(String variable);

  /** The elements of a cell array of texts. */
  List<String> texts(String variable);

  /** One text field of each element of a struct array. */
  List<String> texts(String variable, String field);

  /** One scalar field of each element of a struct array. */
  double[] numbers(String variable, String field);

  /** A complaint about this file. */
  DatasetFormatException error(String problem);
}
