package dev.fgvc.data;

import dev.fgvc.artifact.MissingArtifactException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The data sets of the paper in the layouts they are published in: where to start with a downloaded
 * one.
 *
 * <pre>{@code
 * DatasetSplits birds = OfficialDataset.CUB_200_2011.read(Path.of("CUB_200_2011"));
 * System.out.println(OfficialDataset.CUB_200_2011.verifyAgainstPaper(birds));
 * }</pre>
 *
 * <p>Every image must lie below the root and be there; its attributes are looked at, it is not
 * opened. {@link DatasetVerification} looks into the images. The sizes are those of table 2 and
 * section 5.1.1.
 *
 * <p>Two readers of foreign formats are optional dependencies, which whoever needs them adds:
 * {@code us.hebi.matlab.mat:mfl-core} for the MATLAB files of Flowers-102, Stanford Cars and
 * Stanford Dogs, and {@code com.google.code.gson:gson} for the JSON files of iNaturalist. Without
 * them the other data sets are read all the same, and these fail with a message that names the
 * dependency.
 */
public enum OfficialDataset {
  /**
   * ImageNet, ILSVRC 2012: {@code train/SYNSET/FILE.JPEG}, and {@code val/} either with synset
   * folders too or flat beside {@code imagenet_2012_validation_synset_labels.txt}, which has a line
   * {@code SYNSET} for each file in alphabetical order or lines {@code FILE SYNSET}. Classes are
   * the synsets in alphabetical order.
   */
  IMAGENET("ImageNet", 1000, 1_281_167, 50_000),

  /**
   * iNaturalist 2017: {@code train2017.json}, {@code val2017.json} and what they name. The minival
   * part is that of the authors' {@code inat_minival.txt} if it lies beside them; otherwise seed 0
   * holds back as many images, though not the same. {@link INaturalist2017} gives the official
   * parts and splits by other lists and seeds.
   */
  INATURALIST_2017("iNaturalist", 5089, 665_473, 9_697),

  /**
   * Flowers-102: {@code jpg/}, {@code imagelabels.mat}, {@code setid.mat}; its training and
   * validation parts together are for training. Needs {@code us.hebi.matlab.mat:mfl-core}.
   */
  FLOWERS_102("Flowers-102", 102, 2_040, 6_149),

  /** CUB-200-2011: {@code images/} and text lists, {@code classes.txt} and so on; with boxes. */
  CUB_200_2011("CUB-200-2011", 200, 5_994, 5_794),

  /** FGVC-Aircraft, variants: {@code data/images/} and lists in {@code data/}; with boxes. */
  FGVC_AIRCRAFT("FGVC-Aircraft", 100, 6_667, 3_333),

  /**
   * Stanford Cars: {@code car_ims/} with {@code cars_annos.mat}, or {@code cars_train/} and {@code
   * cars_test/} with the MATLAB files of the devkit, in {@code devkit/} or beside the folders; with
   * boxes. These need {@code us.hebi.matlab.mat:mfl-core}. Or, as many copies have it, {@code
   * train/CLASS/} and {@code test/CLASS/} without annotations.
   */
  STANFORD_CARS("Stanford Cars", 196, 8_144, 8_041),

  /**
   * Stanford Dogs: {@code Images/}, {@code train_list.mat}, {@code test_list.mat}. Needs {@code
   * us.hebi.matlab.mat:mfl-core}.
   */
  STANFORD_DOGS("Stanford Dogs", 120, 12_000, 8_580),

  /** NABirds: {@code images/} and text lists as those of CUB; with boxes. */
  NABIRDS("NABirds", 555, 23_929, 24_633),

  /** Food-101: {@code images/CLASS/NUMBER.jpg} and lists in {@code meta/}. */
  FOOD_101("Food-101", 101, 75_750, 25_250);

  private final String officialName;
  private final Sizes paperSizes;

  OfficialDataset(String officialName, int classes, int train, int validation) {
    this.officialName = officialName;
    this.paperSizes = new Sizes(classes, train, validation);
  }

  /**
   * How large a data set is.
   *
   * @param classes the number of classes
   * @param train images to learn from
   * @param validation images to measure with
   */
  public record Sizes(int classes, int train, int validation) {

    private Sizes plus(Sizes other) {
      return new Sizes(classes + other.classes, train + other.train, validation + other.validation);
    }

    static Sizes of(DatasetSplits splits) {
      return new Sizes(splits.classCount(), splits.train().size(), splits.validation().size());
    }
  }

  /**
   * The sizes in the paper beside those that were read.
   *
   * @param dataset name of the data set
   * @param paper its sizes in the paper
   * @param found the sizes of what was read
   */
  public record Report(String dataset, Sizes paper, Sizes found) {

    /**
     * Whether all sizes are the paper's.
     *
     * @return true if they are equal
     */
    public boolean matches() {
      return paper.equals(found);
    }

    /** One line for each size that differs, or one that says that none does. */
    @Override
    public String toString() {
      if (matches()) {
        return dataset + ": " + paper + " as in the paper";
      }
      StringBuilder text = new StringBuilder(dataset).append(" is not the paper's:");
      line(text, "classes", paper.classes(), found.classes());
      line(text, "training images", paper.train(), found.train());
      line(text, "validation images", paper.validation(), found.validation());
      return text.toString();
    }

    private static void line(StringBuilder text, String what, int expected, int found) {
      if (expected != found) {
        text.append(
            String.format(Locale.ROOT, "%n  %s: expected %d, found %d", what, expected, found));
      }
    }
  }

  /**
   * Its sizes in the paper.
   *
   * @return classes, training and validation images
   */
  public Sizes paperSizes() {
    return paperSizes;
  }

  /**
   * Reads the data set from where it was unpacked. Time is that of looking at each file once.
   *
   * @param root the folder that the layout above starts in
   * @return its two parts; the names of the classes are the layout's own
   * @throws DatasetFormatException if the layout is not what it should be: the file, the line where
   *     there is one, what was expected and what was found
   * @throws MissingArtifactException if the reader of MATLAB or JSON files is needed and not on the
   *     class path; the message names it
   * @throws IOException if a file or folder cannot be read
   */
  public DatasetSplits read(Path root) throws IOException {
    return read(root, SymbolicLinks.WITHIN_ROOT);
  }

  /**
   * Reads the data set from where it was unpacked. Time is that of looking at each file once.
   *
   * @param root the folder that the layout above starts in
   * @param links where links among the images may lead
   * @return its two parts; the names of the classes are the layout's own
   * @throws DatasetFormatException as {@link #read(Path)}
   * @throws MissingArtifactException if the reader of MATLAB or JSON files is needed and not on the
   *     class path; the message names it
   * @throws IOException if a file or folder cannot be read
   */
  public DatasetSplits read(Path root, SymbolicLinks links) throws IOException {
    return switch (this) {
      case IMAGENET -> ImageNet.read(officialName, root, links);
      case INATURALIST_2017 -> INaturalist2017.read(root, links).resplitAsThePaper().splits();
      case FLOWERS_102 -> Flowers102.read(officialName, root, links);
      case CUB_200_2011, NABIRDS -> BirdLists.read(officialName, root, links);
      case FGVC_AIRCRAFT -> FgvcAircraft.read(officialName, root, links);
      case STANFORD_CARS -> StanfordCars.read(officialName, root, links);
      case STANFORD_DOGS -> StanfordDogs.read(officialName, root, links);
      case FOOD_101 -> Food101.read(officialName, root, links);
    };
  }

  /**
   * Compares what was read with table 2 and section 5.1.1, as files go missing in downloads.
   *
   * @param splits what {@link #read} gave
   * @return the sizes side by side
   */
  public Report verifyAgainstPaper(DatasetSplits splits) {
    return new Report(officialName, paperSizes, Sizes.of(splits));
  }

  /**
   * Compares data sets that were read and joined with the sums of their sizes, such as the paper's
   * ImageNet + iNat with 6,089 classes and 1,946,640 training images (section 5.3).
   *
   * @param parts which data sets were joined, each once
   * @param joined what {@link DatasetSplits#concat} made of them
   * @return the sizes side by side
   * @throws IllegalArgumentException if there is no part
   */
  public static Report verifyAgainstPaper(Set<OfficialDataset> parts, DatasetSplits joined) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("no data set to compare " + joined.name() + " with");
    }
    List<OfficialDataset> inOrder = parts.stream().sorted().toList();
    return new Report(
        inOrder.stream().map(part -> part.officialName).collect(Collectors.joining(" + ")),
        inOrder.stream().map(OfficialDataset::paperSizes).reduce(new Sizes(0, 0, 0), Sizes::plus),
        Sizes.of(joined));
  }
}
