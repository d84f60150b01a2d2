package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The layout without lists: {@code root/CLASS/FILE}, one sub-folder a class.
 *
 * <p>Classes and files are taken in alphabetical order (of UTF-16 code units, so capitals come
 * first); names that start with a dot are not looked at.
 */
public final class ImageFolder {

  private static final List<String> EXTENSIONS = List.of(".jpg", ".jpeg", ".png");

  private ImageFolder() {}

  /**
   * Reads the folder. Opens no image.
   *
   * @param root the folder of the class folders; its name becomes the data set's
   * @return all images, each class with at least one
   * @throws DatasetFormatException if there is no class folder, one without images, or one with
   *     something that has not the name of a JPEG or PNG file
   * @throws IOException if a folder cannot be read
   */
  public static Dataset read(Path root) throws IOException {
    List<String> classNames = classFolders(root);
    List<LabeledImage> images = new ArrayList<>();
    Path absoluteRoot = root.toAbsolutePath().normalize();
    for (int label = 0; label < classNames.size(); label++) {
      for (Path file : visible(absoluteRoot.resolve(classNames.get(label)))) {
        String fileName = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (EXTENSIONS.stream().noneMatch(fileName::endsWith) || !Files.isRegularFile(file)) {
          throw new DatasetFormatException(
              file, "expected a file that ends in one of " + EXTENSIONS + ", found this");
        }
        images.add(new LabeledImage(file, label));
      }
    }
    Dataset dataset = Dataset.of(nameOf(root), classNames, images);
    requireImagesInEachClass(dataset, root);
    return dataset;
  }

  static List<String> classFolders(Path root) throws IOException {
    List<String> names =
        visible(root).stream()
            .filter(Files::isDirectory)
            .map(path -> path.getFileName().toString())
            .toList();
    if (names.isEmpty()) {
      throw new DatasetFormatException(root, "expected a folder for each class, found none");
    }
    return names;
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

  private static List<Path> visible(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
          .toList();
    }
  }
}
