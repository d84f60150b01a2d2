package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The layout of a domain in one folder:
 *
 * <pre>
 * root/CLASS/FILE.jpg
 * root/train.txt        lines CLASS/FILE.jpg: LABEL
 * root/val.txt
 * </pre>
 *
 * <p>The sub-folders are the classes; those whose name starts with a dot are not looked at. Labels
 * count from 0 in the alphabetical order of the folders (of UTF-16 code units, so capitals come
 * first), or in another order or from another number as long as each folder has one label. The data
 * set takes the root's name.
 *
 * <p>Where training images lie elsewhere than in such folders, directly in the root, deeper, or all
 * in one folder, the labels alone say the classes, as {@link ListFile#readSplits} has them.
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
    return read(root, SymbolicLinks.WITHIN_ROOT);
  }

  /**
   * Reads both parts. Opens no image.
   *
   * @param root the folder of the domain
   * @param links where links may lead
   * @return the parts; every class has a training image, but not always one for validation
   * @throws DatasetFormatException as {@link #read(Path)}
   * @throws IOException if a list or a folder cannot be read
   */
  public static DatasetSplits read(Path root, SymbolicLinks links) throws IOException {
    List<String> folders = ImageFolder.folders(root);
    if (folders.isEmpty() && !Files.exists(root.resolve(TRAIN_LIST))) {
      throw new DatasetFormatException(root, "expected a folder for each class, found none");
    }
    ListedSplits lists =
        ListedSplits.read(list(root, TRAIN_LIST), list(root, VALIDATION_LIST), root, links);
    String name = ImageFolder.nameOf(root);
    return lists.isByFolder() ? lists.byFolder(name, folders) : lists.inferred(name);
  }

  private static Path list(Path root, String name) {
    Path file = root.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new DatasetFormatException(
          root,
          "expected a list "
              + name
              + ", found none: write it, or read class folders without lists by ImageFolder.read, and"
              + " those of train and val by ImageFolder.readSplits");
    }
    return file;
  }
}
