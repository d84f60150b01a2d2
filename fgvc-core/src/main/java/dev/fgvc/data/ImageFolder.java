package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The layouts without lists: {@code root/CLASS/FILE}, one sub-folder a class, or the same below
 * {@code root/train}, {@code root/val} and {@code root/test}.
 *
 * <p>Classes and files are taken in alphabetical order (of UTF-16 code units, so capitals come
 * first); names that start with a dot are not looked at.
 */
public final class ImageFolder {

  private static final List<String> EXTENSIONS = List.of(".jpg", ".jpeg", ".png", ".webp");

  private static final String TRAIN = "train";

  /** The parts that data sets have, each under the names that it goes by. */
  private static final List<List<String>> PARTS =
      List.of(
          List.of(TRAIN, "training"),
          List.of("val", "valid", "validation"),
          List.of("test", "testing"));

  private ImageFolder() {}

  /**
   * Reads the folder of one part. Opens no image.
   *
   * @param root the folder of the class folders; its name becomes the data set's
   * @return all images, each class with at least one
   * @throws DatasetFormatException if there is no class folder, one without images, or one with
   *     something that has not the name of a JPEG, PNG or WebP file
   * @throws IOException if a folder cannot be read
   */
  public static Dataset read(Path root) throws IOException {
    return read(root, SymbolicLinks.WITHIN_ROOT);
  }

  /**
   * Reads the folder of one part. Opens no image.
   *
   * @param root the folder of the class folders; its name becomes the data set's
   * @param links where links may lead
   * @return all images, each class with at least one
   * @throws DatasetFormatException as {@link #read(Path)}
   * @throws IOException if a folder cannot be read
   */
  public static Dataset read(Path root, SymbolicLinks links) throws IOException {
    return read(ImageRoot.of(root, links), nameOf(root));
  }

  /**
   * Reads {@code train/CLASS/FILE} and {@code val/CLASS/FILE}, or {@code test} in the place of
   * {@code val} where that is not there. Opens no image.
   *
   * @param root the folder of the parts; its name becomes the data set's
   * @return both parts; every class has a training image, but not always one for validation
   * @throws DatasetFormatException as {@link #readParts(Path, SymbolicLinks)}, or if there is only
   *     one part
   * @throws IOException if a folder cannot be read
   */
  public static DatasetSplits readSplits(Path root) throws IOException {
    return readSplits(root, SymbolicLinks.WITHIN_ROOT);
  }

  /**
   * Reads {@link #readSplits(Path)}'s layout.
   *
   * @param root the folder of the parts; its name becomes the data set's
   * @param links where links may lead
   * @return both parts; every class has a training image, but not always one for validation
   * @throws DatasetFormatException as {@link #readParts(Path, SymbolicLinks)}, or if there is only
   *     one part
   * @throws IOException if a folder cannot be read
   */
  public static DatasetSplits readSplits(Path root, SymbolicLinks links) throws IOException {
    Map<String, Dataset> parts = readParts(root, links);
    Dataset train = parts.remove(TRAIN);
    if (parts.isEmpty()) {
      throw new DatasetFormatException(root, "expected a folder val or test, found neither");
    }
    return new DatasetSplits(nameOf(root), train, parts.values().iterator().next());
  }

  /**
   * Reads all parts that are there: {@code train} (or {@code training}), {@code val} (or {@code
   * valid}, {@code validation}) and {@code test} (or {@code testing}), each with class folders. The
   * folders of the training part are the classes of all; another part may lack some, or have them
   * empty. Opens no image.
   *
   * @param root the folder of the parts; its name becomes each data set's
   * @param links where links may lead
   * @return the parts as {@code train}, {@code val} and {@code test}, in this order
   * @throws DatasetFormatException if there is no training part, a class has no training image,
   *     another part has a class that it has not, or a class folder holds something that has not
   *     the name of a JPEG, PNG or WebP file
   * @throws IOException if a folder cannot be read
   */
  public static Map<String, Dataset> readParts(Path root, SymbolicLinks links) throws IOException {
    ImageRoot folder = ImageRoot.of(root, links);
    Map<String, Dataset> parts = new LinkedHashMap<>();
    for (List<String> names : PARTS) {
      List<String> found =
          names.stream().filter(name -> Files.isDirectory(root.resolve(name))).toList();
      if (found.size() > 1) {
        throw new DatasetFormatException(root, "expected one of the folders " + found);
      }
      if (names.contains(TRAIN)) {
        parts.put(TRAIN, read(folder.folder(found.isEmpty() ? TRAIN : found.get(0)), nameOf(root)));
      } else if (!found.isEmpty()) {
        parts.put(
            names.get(0),
            readPart(
                folder.folder(found.get(0)), nameOf(root), parts.get(TRAIN).classNames(), TRAIN));
      }
    }
    return parts;
  }

  /**
   * Whether a path ends like an image: in .jpg, .jpeg, .png or .webp, in capitals or not. Opens
   * nothing, so it may be a folder, or not there.
   *
   * @param path with a file name
   * @return true for the name of a JPEG, PNG or WebP file
   */
  public static boolean namesImage(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return EXTENSIONS.stream().anyMatch(name::endsWith);
  }

  /** Each sub-folder of a folder is a class and has an image. */
  static Dataset read(ImageRoot folder, String name) throws IOException {
    Dataset dataset = readClasses(folder, name, classFolders(folder.path()));
    requireImagesInEachClass(dataset, folder.path());
    return dataset;
  }

  /**
   * A part whose classes are another's. Their folders may be missing or empty.
   *
   * @param origin where the classes come from
   */
  static Dataset readPart(ImageRoot folder, String name, List<String> classNames, String origin)
      throws IOException {
    ClassLabels known = ClassLabels.of(classNames, origin);
    for (String found : classFolders(folder.path())) {
      known.label(found, "a class", ListPlace.whole(folder.path()));
    }
    return readClasses(folder, name, classNames);
  }

  private static Dataset readClasses(ImageRoot folder, String name, List<String> classNames)
      throws IOException {
    List<LabeledImage> images = new ArrayList<>();
    for (int label = 0; label < classNames.size(); label++) {
      Path classFolder = folder.path().resolve(classNames.get(label));
      if (!Files.isDirectory(classFolder)) {
        continue;
      }
      for (Path file : visible(classFolder)) {
        if (!namesImage(file) || Files.isDirectory(file)) {
          throw new DatasetFormatException(
              file, "expected a file that ends in one of " + EXTENSIONS + ", found this");
        }
        folder.requireFile(file, ListPlace.whole(classFolder));
        images.add(new LabeledImage(file, label));
      }
    }
    return Dataset.of(name, classNames, images);
  }

  static List<String> classFolders(Path root) throws IOException {
    List<String> names = folders(root);
    if (names.isEmpty()) {
      throw new DatasetFormatException(root, "expected a folder for each class, found none");
    }
    return names;
  }

  /** The names of the sub-folders in alphabetical order. */
  static List<String> folders(Path root) throws IOException {
    return visible(root).stream()
        .filter(Files::isDirectory)
        .map(path -> path.getFileName().toString())
        .toList();
  }

  static String nameOf(Path root) {
    Path name = root.toAbsolutePath().normalize().getFileName();
    return name == null ? root.toString() : name.toString();
  }

  static void requireImagesInEachClass(Dataset dataset, Path where) {
    int[] counts = dataset.imageCounts();
    for (int label = 0; label < counts.length; label++) {
      if (counts[label] == 0) {
        throw new DatasetFormatException(
            where,
            String.format(
                Locale.ROOT,
                "expected an image of each class, found none of class %d, %s",
                label,
                dataset.classNames().get(label)));
      }
    }
  }

  /** Entries that do not start with a dot, in alphabetical order. */
  static List<Path> visible(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> visible =
          entries
              .filter(path -> !path.getFileName().toString().startsWith("."))
              .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
              .toList();
      for (Path path : visible) {
        String name = path.getFileName().toString();
        if (Spelling.isGarbled(name)) {
          throw new DatasetFormatException(
              folder,
              "expected names that can be read, found "
                  + Spelling.escaped(name)
                  + "; "
                  + Spelling.localeAdvice());
        }
      }
      return visible;
    }
  }
}
