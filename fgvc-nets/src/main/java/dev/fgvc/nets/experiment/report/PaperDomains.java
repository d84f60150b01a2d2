package dev.fgvc.nets.experiment.report;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetFolder;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.synthetic.Family;
import dev.fgvc.data.synthetic.FieldGuide;
import dev.fgvc.nets.experiment.Domains;
import dev.fgvc.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The data of {@link PaperExperiments}.
 *
 * @param longTailed the data set of tables 3, 4 and 5, iNaturalist in the paper
 * @param domains sources and targets of the transfer
 */
public record PaperDomains(DatasetSplits longTailed, Domains domains) {

  private static final int TARGET_SPECIES = 60;
  private static final int TARGET_TRAINING = 5;

  /** With 480 validation pictures of a target, one of them is a fifth of a point. */
  private static final int TARGET_VALIDATION = 8;

  /**
   * Draws two field guides. One is the long-tailed data: 72 species of birds, beetles, fish and
   * flowers with 150 to 10 training pictures of 96 pixels and 14 for validation, in poses and on
   * grounds that vary, so that details are small. What a second stage gains differs between classes
   * more than between pictures or seeds, so that the tail needs many species. The other is of 56
   * pixels, which vary less, so that much is learnt from few: two sources, animals (birds, beetles
   * and fish) beside plants and cars (leaves, flowers and cars), with 24 species of each family and
   * 15 to 30 pictures of each species, and two targets of 60 other birds and 60 other cars with 5
   * pictures for training and 8 for validation. Each source shares one of its three families with
   * one target; birds and cars are hard to learn from few pictures, and so depend on the source.
   * About 6700 pictures.
   *
   * @param folder to make
   * @param seed of the guides
   * @param progress hears of finished pictures
   * @return the domains
   * @throws IOException if something cannot be written
   */
  public static PaperDomains fieldGuide(Path folder, long seed, Progress progress)
      throws IOException {
    DatasetSplits longTailed =
        FieldGuide.builder()
            .families(Family.BIRDS, Family.BEETLES, Family.FISH, Family.FLOWERS)
            .speciesPerFamily(18)
            .maximumImages(150)
            .minimumImages(10)
            .zipfExponent(1)
            .validationImages(14)
            .variation(0.6)
            .seed(seed)
            .build()
            .write(folder.resolve("long-tailed"), progress)
            .get(FieldGuide.SOURCE);
    Map<String, DatasetSplits> transfer =
        FieldGuide.builder()
            .speciesPerFamily(24)
            .maximumImages(30)
            .minimumImages(15)
            .zipfExponent(0.1)
            .validationImages(1)
            .target("birds", Family.BIRDS, TARGET_SPECIES, TARGET_TRAINING, TARGET_VALIDATION)
            .target("cars", Family.CARS, TARGET_SPECIES, TARGET_TRAINING, TARGET_VALIDATION)
            .pixels(56)
            .variation(0.2)
            .seed(seed)
            .build()
            .write(folder.resolve("transfer"), progress);
    DatasetSplits all = transfer.get(FieldGuide.SOURCE);
    return new PaperDomains(
        longTailed,
        Domains.of(
            List.of(
                part(all, "animals", "bird_", "beetle_", "fish_"),
                part(all, "plants and cars", "leaf_", "flower_", "car_")),
            List.of(transfer.get("birds"), transfer.get("cars"))));
  }

  /**
   * Reads folders of photos. Every second class of each folder belongs to a source, the others are
   * the folder's target, so that each target has relatives among the sources; the folders are dealt
   * to two sources by turns.
   *
   * @param folders at least two, each in the layout of {@link DatasetFolder}; the first is the
   *     long-tailed one
   * @return the domains
   * @throws IOException if a folder cannot be read
   */
  public static PaperDomains photos(List<Path> folders) throws IOException {
    if (folders.size() < 2) {
      throw new IllegalArgumentException(
          folders.size() + " folders of photos; at least two are needed, the long-tailed first");
    }
    List<DatasetSplits> targets = new ArrayList<>();
    List<List<DatasetSplits>> halves = List.of(new ArrayList<>(), new ArrayList<>());
    List<DatasetSplits> whole = new ArrayList<>();
    for (int i = 0; i < folders.size(); i++) {
      DatasetSplits domain = DatasetFolder.read(folders.get(i));
      whole.add(domain);
      halves.get(i % 2).add(classes(domain, domain.name(), label -> label % 2 == 0));
      targets.add(classes(domain, domain.name(), label -> label % 2 == 1));
    }
    return new PaperDomains(
        whole.get(0), Domains.of(halves.stream().map(DatasetSplits::concat).toList(), targets));
  }

  private static DatasetSplits part(DatasetSplits all, String name, String... prefixes) {
    Dataset train = all.train();
    return classes(
        all,
        name,
        label -> List.of(prefixes).stream().anyMatch(train.classNames().get(label)::startsWith));
  }

  private static DatasetSplits classes(DatasetSplits all, String name, IntPredicate kept) {
    return all.selectClasses(name, IntStream.range(0, all.classCount()).filter(kept).toArray());
  }
}
