package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The layout of a domain in one folder:
 *
 * <pre>
 * root/CLASS/FILE.jpg
 * root/train.txt        lines CLASS/FILE.jpg: LABEL
 * root/val.txt
 * </pre>
 *
 * <p>The sub-folders in alphabetical order (of UTF-16 code units, so capitals come first) are the
 * classes; those whose name starts with a dot are not looked at. The data set takes the root's
 * name.
 */
public final class DatasetFolder {

  /** The list of the training images. */
  public static final String TRAIN_LIST = "train.txt";

  /** The list of the validation images. */
  public static final String VALIDATION_LIST = "val.txt";

  private DatasetFolder() {}

  /**
   * Reads both parts. Opens no image.
   *
   * @param root the folder of the domain
   * @return the parts; every class has a training image, but not always one for validation
   * @throws DatasetFormatException if there is no class folder, a list has a wrong line or none, a
   *     label is not that of the folder the image lies in, an image is in both lists, or a class is
   *     without training images
   * @throws IOException if a list or a folder cannot be read
   */
  public static DatasetSplits read(Path root) throws IOException {
    List<String> classNames = ImageFolder.classFolders(root);
    String name = ImageFolder.nameOf(root);
    Dataset train = readPart(root, TRAIN_LIST, name, classNames);
    Dataset validation = readPart(root, VALIDATION_LIST, name, classNames);
    ImageFolder.requireImagesInEachClass(train, root.resolve(TRAIN_LIST));
    requireDisjoint(train, validation, root.resolve(VALIDATION_LIST));
    return new DatasetSplits(name, train, validation);
  }

  private static Dataset readPart(Path root, String list, String name, List<String> classNames)
      throws IOException {
    Path file = root.resolve(list);
    if (!Files.isRegularFile(file)) {
      throw new DatasetFormatException(root, "expected a list " + list + ", found none");
    }
    List<LabeledImage> images = ListFile.read(file, root, classNames.size());
    Path absoluteRoot = root.toAbsolutePath().normalize();
    for (int i = 0; i < images.size(); i++) {
      LabeledImage image = images.get(i);
      String folder = absoluteRoot.relativize(image.path()).getName(0).toString();
      String expected = classNames.get(image.label());
      if (!folder.equals(expected)) {
        throw ListPlace.line(file, i + 1)
            .error(
                String.format(
                    Locale.ROOT,
                    "label %d is the folder %s, but the image lies in %s",
                    image.label(),
                    expected,
                    folder));
      }
    }
    return Dataset.of(name, classNames, images);
  }

  private static void requireDisjoint(Dataset train, Dataset validation, Path list) {
    Set<Path> known = new HashSet<>();
    train.images().forEach(image -> known.add(image.path()));
    for (int i = 0; i < validation.size(); i++) {
      if (known.contains(validation.path(i))) {
        throw ListPlace.line(list, i + 1)
            .error("expected no training image, found " + validation.path(i));
      }
    }
  }
}
