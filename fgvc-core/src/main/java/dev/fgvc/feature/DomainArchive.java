package dev.fgvc.feature;

import dev.fgvc.file.NpyFormat;
import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
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

  /** The first time that a zip file can hold: the same domain gives the same bytes. */
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

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
          ZipOutputStream zip = new ZipOutputStream(unclosed(channel));
          put(zip, FORMAT, NpyFormat.integers(VERSION));
          put(zip, NAME, NpyFormat.texts(List.of(domain.name())));
          put(zip, CLASS_NAMES, NpyFormat.texts(domain.classNames()));
          put(zip, IMAGE_COUNTS, NpyFormat.doubles(domain.imageCounts()));
          put(zip, CLASS_MEANS, NpyFormat.floats(values, shape));
          zip.finish();
        });
  }

  private static void requireText(String what, String text) {
    if (text.codePointCount(0, text.length()) > MOST_CHARACTERS || text.endsWith("\0")) {
      throw new IllegalArgumentException(
          what
              + " '"
              + text.substring(0, Math.min(40, text.length()))
              + "...' is longer than "
              + MOST_CHARACTERS
              + " characters or ends with a zero, so that no NumPy file holds it");
    }
  }

  private static void put(ZipOutputStream zip, String array, byte[] npy) throws IOException {
    CRC32 checksum = new CRC32();
    checksum.update(npy);
    ZipEntry entry = new ZipEntry(array + ".npy");
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(npy.length);
    entry.setCrc(checksum.getValue());
    entry.setTimeLocal(NO_TIME);
    zip.putNextEntry(entry);
    zip.write(npy);
    zip.closeEntry();
  }

  /** The channel is closed by whoever opened it. */
  private static OutputStream unclosed(FileChannel channel) {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        WholeFile.writeFully(channel, ByteBuffer.wrap(bytes, offset, length));
      }
    };
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
            "expected a name and "
                + numbered.classCount()
                + " class names, found "
                + name.size()
                + " and "
                + classNames.size());
      }
      return DomainFeatures.of(
          name.get(0), classNames, numbered.classMeans(), numbered.imageCounts());
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
