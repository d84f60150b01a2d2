package dev.fgvc.data;

import dev.fgvc.artifact.MissingArtifactException;
import dev.fgvc.random.SplitMix64;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * iNaturalist 2017 as unpacked: {@code train2017.json} and {@code val2017.json} in COCO's form, and
 * the photos below the same folder where the JSON says they are ({@code train_val_images/...}).
 *
 * <p>The paper makes its own split (section 5.1.1): 90 % of the validation images join the training
 * set, the rest is called minival. Which ones is told by a list, such as the authors' {@code
 * inat_minival.txt}, or by a seed, which holds back as many but not the same.
 *
 * <p>Reading looks at each photo's attributes and opens none. It takes about 400 bytes for each
 * image, half of which the data sets keep. Needs {@code com.google.code.gson:gson} on the class
 * path.
 */
public final class INaturalist2017 {

  private static final String NAME = "iNaturalist";

  /** The authors' list of the minival images, where it lies beside the JSON files. */
  static final String MINIVAL_LIST = "inat_minival.txt";

  /** Section 5.1.1 of the paper. */
  private static final int PAPER_MINIVAL = 9_697;

  /** Images of the published validation set, before the split. */
  private static final int PAPER_VALIDATION = 95_986;

  private final ImageRoot root;
  private final Dataset train;
  private final Dataset validation;

  private INaturalist2017(ImageRoot root, Dataset train, Dataset validation) {
    this.root = root;
    this.train = train;
    this.validation = validation;
  }

  /**
   * The paper's split.
   *
   * @param splits training and minival
   * @param added the validation images that joined the training set: the more balanced part that
   *     the authors fine-tuned on in the second stage
   */
  public record Resplit(DatasetSplits splits, Dataset added) {}

  /**
   * Reads the official files.
   *
   * @param root the folder of the JSON files and of {@code train_val_images}
   * @return the data set in its official parts
   * @throws DatasetFormatException if a file is missing, truncated or contradicts itself, a photo
   *     is not there, comes twice or leaves the root, or the two files have different categories
   * @throws MissingArtifactException if Gson is not on the class path
   * @throws IOException if a file cannot be read
   */
  public static INaturalist2017 read(Path root) throws IOException {
    return read(root, SymbolicLinks.WITHIN_ROOT);
  }

  /**
   * Reads the official files.
   *
   * @param root the folder of the JSON files and of {@code train_val_images}
   * @param links where links among the photos may lead
   * @return the data set in its official parts
   * @throws DatasetFormatException as {@link #read(Path)}
   * @throws MissingArtifactException if Gson is not on the class path
   * @throws IOException if a file cannot be read
   */
  public static INaturalist2017 read(Path root, SymbolicLinks links) throws IOException {
    ImageRoot images = ImageRoot.of(root, links);
    Set<Path> seen = new HashSet<>();
    Dataset train = part(root.resolve("train2017.json"), images, seen);
    ImageFolder.requireImagesInEachClass(train, root.resolve("train2017.json"));
    Dataset validation = part(root.resolve("val2017.json"), images, seen);
    if (!train.classNames().equals(validation.classNames())) {
      throw new DatasetFormatException(
          root.resolve("val2017.json"), "expected the categories of train2017.json, found others");
    }
    return new INaturalist2017(images, train, validation);
  }

  private static Dataset part(Path json, ImageRoot root, Set<Path> seen) throws IOException {
    CocoAnnotations annotations = CocoAnnotations.readIfPossible(json);
    List<LabeledImage> images = annotations.images(root, seen);
    return Dataset.of(NAME, annotations.classNames(), images)
        .withSuperCategories(annotations.superCategories());
  }

  /**
   * The parts as they were published.
   *
   * @return 5,089 classes, 579,184 training and 95,986 validation images in the real thing
   */
  public DatasetSplits official() {
    return new DatasetSplits(NAME, train, validation);
  }

  /**
   * The paper's split by a list of the minival images.
   *
   * @param list UTF-8 text, one path a line as the JSON has it; a label after it ({@code path:
   *     label}) is ignored, as other lists number the classes differently
   * @return training and minival
   * @throws DatasetFormatException if a line is no validation image or comes twice
   * @throws IOException if the list cannot be read
   */
  public Resplit resplit(Path list) throws IOException {
    Map<Path, Integer> positions = new HashMap<>();
    for (int i = 0; i < validation.size(); i++) {
      positions.put(validation.path(i), i);
    }
    BitSet held = new BitSet(validation.size());
    for (TextRows.Row row : TextRows.read(list, 1)) {
      String text = row.text(0).replaceFirst(": \\d+$", "");
      Integer position = positions.get(root.resolve(text, row.place()));
      if (position == null || held.get(position)) {
        throw row.error(
            String.format(
                Locale.ROOT,
                "expected %s, found \"%s\"",
                position == null ? "an image of val2017.json" : "each image once",
                ImageRoot.shorten(text)));
      }
      held.set(position);
    }
    return resplit(held);
  }

  /**
   * A split of the paper's kind without its list: of N validation images, as large a part is held
   * back as in the paper, which is N * 9,697 / 95,986 to the nearest image, each class as evenly as
   * it goes, so that a class of n gives its share of n rounded down or up.
   *
   * @param seed chooses the images
   * @return training and minival; of the real thing, as many images as section 5.1.1 tells, but not
   *     the same
   */
  public Resplit resplit(long seed) {
    SplitMix64 random = new SplitMix64(seed);
    int size = validation.size();
    long[] keys = new long[size];
    Arrays.setAll(keys, i -> random.nextLong());
    int[] byClass =
        IntStream.range(0, size)
            .boxed()
            .sorted(
                (a, b) -> {
                  int classes =
                      Integer.compare(
                          validation.images().get(a).label(), validation.images().get(b).label());
                  return classes != 0 ? classes : Long.compare(keys[a], keys[b]);
                })
            .mapToInt(Integer::intValue)
            .toArray();
    int count = (int) Math.rint((double) size * PAPER_MINIVAL / PAPER_VALIDATION);
    long start = size == 0 ? 0 : random.nextInt(size);
    BitSet held = new BitSet(size);
    for (long i = 0; i < count; i++) {
      // Steps of size / count with the start at random between two of them.
      held.set(byClass[(int) ((i * size + start) / count)]);
    }
    return resplit(held);
  }

  /** By the authors' list if it lies in the root, else by seed 0. */
  Resplit resplitAsThePaper() throws IOException {
    Path list = root.path().resolve(MINIVAL_LIST);
    return Files.exists(list) ? resplit(list) : resplit(0);
  }

  private Resplit resplit(BitSet held) {
    Dataset minival = validation.selectImages(NAME + " minival", held.stream().toArray());
    BitSet rest = new BitSet(validation.size());
    rest.set(0, validation.size());
    rest.andNot(held);
    Dataset added = validation.selectImages(NAME + " added", rest.stream().toArray());
    Dataset all = Dataset.append(NAME + " train", List.of(train, added));
    return new Resplit(new DatasetSplits(NAME, all, minival), added);
  }
}
