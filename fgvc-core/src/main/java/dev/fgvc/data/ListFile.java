package dev.fgvc.data;

import static com.google.common.base.Preconditions.checkArgument;

import dev.fgvc.file.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * List files, the authors' form of a split: text, one image a line, {@code path: label}.
 *
 * <p>The path is relative to a root folder, with forward slashes; the last {@code ": "} of the line
 * ends it, so that a file name may contain one. Every line counts: a blank one is an error, and so
 * are a path given twice, a file that is not there, and a path that leaves the root, be it as an
 * absolute path, through {@code ..} or, unless allowed, through a symbolic link.
 *
 * <p>The text is UTF-8 with or without a byte order mark, or UTF-16 or UTF-32 with one; lines end
 * with a line feed, a carriage return or both.
 */
public final class ListFile {

  private static final String SEPARATOR = ": ";

  private final Path file;
  private final ImageRoot root;
  private final int classCount;
  private final Set<Path> seen = new HashSet<>();

  private ListFile(Path file, ImageRoot root, int classCount) {
    this.file = file;
    this.root = root;
    this.classCount = classCount;
  }

  /**
   * Reads a list file. Looks at each listed file's attributes, but opens none.
   *
   * @param file the list
   * @param root the folder its paths are relative to
   * @param classCount labels must be from 0 to this less 1
   * @return the images in the order of the lines, with absolute paths, at least one
   * @throws DatasetFormatException if a line is wrong or there is none
   * @throws NoSuchFileException if there is no list file or no root
   * @throws IOException if the list cannot be read
   */
  public static List<LabeledImage> read(Path file, Path root, int classCount) throws IOException {
    return read(file, root, classCount, SymbolicLinks.WITHIN_ROOT);
  }

  /**
   * Reads a list file. Looks at each listed file's attributes, but opens none.
   *
   * @param file the list
   * @param root the folder its paths are relative to
   * @param classCount labels must be from 0 to this less 1
   * @param links where links may lead
   * @return the images in the order of the lines, with absolute paths, at least one
   * @throws DatasetFormatException if a line is wrong or there is none
   * @throws NoSuchFileException if there is no list file or no root
   * @throws IOException if the list cannot be read
   */
  public static List<LabeledImage> read(Path file, Path root, int classCount, SymbolicLinks links)
      throws IOException {
    if (classCount < 1) {
      throw new IllegalArgumentException("class count " + classCount + " must be at least 1");
    }
    return new ListFile(file, ImageRoot.of(root, links), classCount).read();
  }

  /**
   * Reads a list file as a data set.
   *
   * @param name what to call the data set
   * @param file the list
   * @param root the folder its paths are relative to
   * @param classNames the classes; position c names label c
   * @return the images of the list
   * @throws DatasetFormatException if a line is wrong or there is none
   * @throws IOException if the list cannot be read
   */
  public static Dataset read(String name, Path file, Path root, List<String> classNames)
      throws IOException {
    return Dataset.of(name, classNames, read(file, root, classNames.size()));
  }

  /**
   * Reads two list files whatever the folders of their images, such as the authors' {@code
   * data/NAME/train.txt}. The labels of the training list are the classes, in ascending order:
   * labels 1, 2 and 7 become 0, 1 and 2. A class is named by the folder of its images where each
   * label has one folder name and each folder name one label, otherwise by its label in the list.
   *
   * @param name what to call the data set
   * @param train the list of the training images
   * @param validation the list of the validation images
   * @param root the folder their paths are relative to
   * @return both parts; every class has a training image, but not always one for validation
   * @throws DatasetFormatException if a line is wrong or there is none, or a validation image has a
   *     label that no training image has or is a training image
   * @throws NoSuchFileException if there is no list file or no root
   * @throws IOException if a list cannot be read
   */
  public static DatasetSplits readSplits(String name, Path train, Path validation, Path root)
      throws IOException {
    return readSplits(name, train, validation, root, SymbolicLinks.WITHIN_ROOT);
  }

  /**
   * Reads {@link #readSplits(String, Path, Path, Path)}'s lists.
   *
   * @param name what to call the data set
   * @param train the list of the training images
   * @param validation the list of the validation images
   * @param root the folder their paths are relative to
   * @param links where links may lead
   * @return both parts; every class has a training image, but not always one for validation
   * @throws DatasetFormatException if a line is wrong or there is none, or a validation image has a
   *     label that no training image has or is a training image
   * @throws NoSuchFileException if there is no list file or no root
   * @throws IOException if a list cannot be read
   */
  public static DatasetSplits readSplits(
      String name, Path train, Path validation, Path root, SymbolicLinks links) throws IOException {
    return ListedSplits.read(train, validation, root, links).inferred(name);
  }

  private List<LabeledImage> read() throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    TextLines.forEach(file, (line, place) -> images.add(parse(line, place)));
    if (images.isEmpty()) {
      throw new DatasetFormatException(
          file, "expected at least one line \"path: label\", found none");
    }
    return images;
  }

  private LabeledImage parse(String line, ListPlace place) throws IOException {
    int split = line.lastIndexOf(SEPARATOR);
    if (split < 1) {
      throw place.error("expected \"path: label\", found \"" + ImageRoot.shorten(line) + "\"");
    }
    Path path = root.resolve(line.substring(0, split), place);
    int label = label(line.substring(split + SEPARATOR.length()), place);
    if (!seen.add(path)) {
      throw place.error("expected each image once, found " + path + " again");
    }
    root.requireFile(path, place);
    return new LabeledImage(path, label);
  }

  private int label(String text, ListPlace place) {
    int label;
    try {
      label = Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw place.error("expected a label, found \"" + ImageRoot.shorten(text) + "\"");
    }
    if (label < 0 || label >= classCount) {
      throw place.error("expected a label from 0 to " + (classCount - 1) + ", found " + label);
    }
    return label;
  }

  /**
   * Writes a list file that {@link #read(Path, Path, int)} reads back, whole or not at all.
   *
   * @param file the list to write; replaced if it exists
   * @param root the folder the paths are written relative to
   * @param images the images, at least one, each once and below the root
   * @throws IllegalArgumentException if there is no image, one is not below the root or comes
   *     twice, or a path cannot stand in a line; nothing is written then
   * @throws IOException if the list cannot be written; what stood there before is untouched
   */
  public static void write(Path file, Path root, List<LabeledImage> images) throws IOException {
    checkArgument(!images.isEmpty(), "no image to list in %s", file);
    Path absoluteRoot = root.toAbsolutePath().normalize();
    Set<Path> listed = new HashSet<>();
    StringBuilder text = new StringBuilder();
    for (LabeledImage image : images) {
      Path path = image.path().toAbsolutePath().normalize();
      if (!path.startsWith(absoluteRoot) || path.equals(absoluteRoot)) {
        throw new IllegalArgumentException(path + " is not below " + absoluteRoot);
      }
      checkArgument(listed.add(path), "%s comes twice; a list has each image once", path);
      String relative =
          absoluteRoot
              .relativize(path)
              .toString()
              .replace(path.getFileSystem().getSeparator(), "/");
      if (!fitsALine(relative)) {
        throw new IllegalArgumentException(
            "a list cannot hold the path "
                + Spelling.escaped(relative)
                + ", which has the end of a line, a byte order mark at its start or characters that"
                + " UTF-8 has not: rename the file");
      }
      text.append(relative).append(SEPARATOR).append(image.label()).append('\n');
    }
    WholeFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static boolean fitsALine(String path) {
    return path.indexOf('\n') < 0
        && path.indexOf('\r') < 0
        && !path.startsWith("\uFEFF")
        && StandardCharsets.UTF_8.newEncoder().canEncode(path);
  }
}
