package dev.fgvc.feature;

import static com.google.common.base.Strings.lenientFormat;

import dev.fgvc.file.NpyFormat;
import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipOutputStream;
import org.ejml.data.FMatrixRMaj;

/** A domain in one file: a NumPy archive whose arrays are stored as they are. */
final class DomainArchive {

  private static final int VERSION = 1;

  private static final String FORMAT = "format";
  private static final String NAME = "name";
  private static final String CLASS_NAMES = "class_names";
  private static final String CLASS_MEANS = "class_means";
  private static final String IMAGE_COUNTS = "image_counts";

  /** The longest name that {@link NpyType} reads. */
  private static final int MOST_CHARACTERS = 1024;

  private DomainArchive() {}

  static void write(DomainFeatures domain, Path file) throws IOException {
    requireText("the name", domain.name());
    domain.classNames().forEach(name -> requireText("class name", name));
    FMatrixRMaj means = domain.classMeans();
    List<Integer> shape = List.of(means.numRows, means.numCols);
    FloatBuffer values = FloatBuffer.wrap(means.data, 0, means.getNumElements());
    WholeFile.write(
        file,
        channel -> {
          // not closed: that would close the channel before it is forced to the disk
          ZipOutputStream zip = new ZipOutputStream(Channels.newOutputStream(channel));
          NpyFormat.store(zip, FORMAT, NpyFormat.integers(VERSION));
          NpyFormat.store(zip, NAME, NpyFormat.texts(List.of(domain.name())));
          NpyFormat.store(zip, CLASS_NAMES, NpyFormat.texts(domain.classNames()));
          NpyFormat.store(zip, IMAGE_COUNTS, NpyFormat.doubles(domain.imageCounts()));
          NpyFormat.store(zip, CLASS_MEANS, NpyFormat.floats(values, shape));
          zip.finish();
        });
  }

  private static void requireText(String what, String text) {
    if (text.codePointCount(0, text.length()) > MOST_CHARACTERS || text.endsWith("\0")) {
      throw new IllegalArgumentException(
          lenientFormat(
              "%s '%s...' is longer than %s characters or ends with a zero, so that no NumPy file"
                  + " holds it",
              what, text.substring(0, Math.min(40, text.length())), MOST_CHARACTERS));
    }
  }

  static DomainFeatures read(Path file) throws IOException {
    try (NpzArchive arrays = NpzArchive.open(file)) {
      NpyFile format = arrays.array(FORMAT);
      double[] version = format.numbers();
      if (version.length != 1 || version[0] != VERSION) {
        throw format.error(
            "expected a domain of version "
                + VERSION
                + ", found "
                + Arrays.toString(Arrays.copyOf(version, Math.min(3, version.length))));
      }
      List<String> name = texts(arrays.array(NAME));
      NpyFile names = arrays.array(CLASS_NAMES);
      List<String> classNames = texts(names);
      DomainFeatures numbered =
          NpyDomains.readMeans("kept", arrays.array(CLASS_MEANS), arrays.array(IMAGE_COUNTS));
      if (name.size() != 1 || classNames.size() != numbered.classCount()) {
        throw names.error(
            lenientFormat(
                "expected a name and %s class names, found %s and %s",
                numbered.classCount(), name.size(), classNames.size()));
      }
      return numbered.renamed(name.get(0), classNames);
    }
  }

  private static List<String> texts(NpyFile array) throws IOException {
    if (!array.isText()) {
      throw array.error("expected texts, found numbers");
    }
    List<String> texts = new ArrayList<>();
    array.texts(
        text -> {
          texts.add(text);
          return texts.size();
        });
    return texts;
  }
}
