package dev.fgvc.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The data sets of the iNaturalist competitions after the paper's, as unpacked: JSON files in
 * COCO's form, and the photos below the same folder, where the JSON says. Classes are in the order
 * of their numbers.
 *
 * <p>Their {@link Dataset#taxonomy} has the ranks kingdom, phylum, class, order, family, genus and
 * species: for 2021 from the categories of the training file; for 2018 and 2019, whose training
 * files hide the names, from {@code categories.json} if it lies beside them, which then also gives
 * the classes their names. {@link INaturalist2017} is the paper's.
 *
 * <p>Reading looks at each photo's attributes and opens none. Needs {@code
 * com.google.code.gson:gson} on the class path.
 */
public enum INaturalist {
  /** 8,142 classes, long-tailed: {@code train2018.json}, {@code val2018.json}. */
  YEAR_2018("iNaturalist 2018", "train2018.json", "val2018.json", 8_142, 437_513, 24_426),

  /** 1,010 classes that are hard to tell apart: {@code train2019.json}, {@code val2019.json}. */
  YEAR_2019("iNaturalist 2019", "train2019.json", "val2019.json", 1_010, 265_213, 3_030),

  /** 10,000 classes of 152 to 300 images: {@code train.json}, {@code val.json}. */
  YEAR_2021("iNaturalist 2021", "train.json", "val.json", 10_000, 2_686_843, 100_000),

  /** The part of {@link #YEAR_2021} with 50 images a class: {@code train_mini.json}. */
  YEAR_2021_MINI("iNaturalist 2021 mini", "train_mini.json", "val.json", 10_000, 500_000, 100_000);

  private static final String CATEGORIES = "categories.json";

  private final String officialName;
  private final String trainFile;
  private final String validationFile;
  private final OfficialDataset.Sizes sizes;

  INaturalist(
      String officialName,
      String trainFile,
      String validationFile,
      int classes,
      int train,
      int validation) {
    this.officialName = officialName;
    this.trainFile = trainFile;
    this.validationFile = validationFile;
    this.sizes = new OfficialDataset.Sizes(classes, train, validation);
  }

  /**
   * The sizes that were published.
   *
   * @return classes, training and validation images
   */
  public OfficialDataset.Sizes sizes() {
    return sizes;
  }

  /**
   * Reads the data set from where it was unpacked; links may not leave the root.
   *
   * @param root the folder of the JSON files and of the folders that they name
   * @return training and validation part
   * @throws DatasetFormatException if a file is missing, truncated or contradicts itself, a photo
   *     is not there, comes twice or leaves the root, or the two parts have different categories
   * @throws dev.fgvc.artifact.MissingArtifactException if Gson is not on the class path
   * @throws IOException if a file cannot be read
   */
  public DatasetSplits read(Path root) throws IOException {
    return read(root, SymbolicLinks.WITHIN_ROOT);
  }

  /**
   * Reads the data set from where it was unpacked.
   *
   * @param root the folder of the JSON files and of the folders that they name
   * @param links where links among the photos may lead
   * @return training and validation part
   * @throws DatasetFormatException as {@link #read(Path)}
   * @throws dev.fgvc.artifact.MissingArtifactException if Gson is not on the class path
   * @throws IOException if a file cannot be read
   */
  public DatasetSplits read(Path root, SymbolicLinks links) throws IOException {
    ImageRoot images = ImageRoot.of(root, links);
    Set<Path> seen = new HashSet<>();
    Path list = root.resolve(trainFile);
    CocoAnnotations annotations = CocoAnnotations.readIfPossible(list);
    CocoCategories categories = annotations.categories();
    if (Files.exists(root.resolve(CATEGORIES))) {
      categories = categories.namedBy(CocoAnnotations.readCategories(root.resolve(CATEGORIES)));
    }
    Dataset train = part(annotations, categories, images, seen);
    ImageFolder.requireImagesInEachClass(train, list);
    Path other = root.resolve(validationFile);
    CocoAnnotations held = CocoAnnotations.readIfPossible(other);
    if (!held.categories().numbers().equals(categories.numbers())) {
      throw new DatasetFormatException(
          other, "expected the categories of " + trainFile + ", found others");
    }
    Dataset validation = part(held, categories, images, seen);
    return new DatasetSplits(officialName, train, validation);
  }

  private Dataset part(
      CocoAnnotations annotations, CocoCategories categories, ImageRoot root, Set<Path> seen)
      throws IOException {
    List<LabeledImage> images = annotations.images(root, seen);
    Dataset plain =
        Dataset.of(officialName, categories.names(), images)
            .withSuperCategories(categories.superCategories());
    Optional<Taxonomy> taxonomy = categories.taxonomy();
    return taxonomy.isPresent() ? plain.withTaxonomy(taxonomy.get()) : plain;
  }

  /** Such as {@code iNaturalist 2018 (8142 classes)}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s (%d classes)", officialName, sizes.classes());
  }
}
