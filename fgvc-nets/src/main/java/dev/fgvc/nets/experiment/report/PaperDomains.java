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

  private static final int SPECIES = 9;

  /**
   * Draws two field guides of 9 species a family. One is the long-tailed data, birds and fish with
   * 10 to 180 training pictures. The other has two sources, animals (birds and fish) and plants
   * (leaves and flowers), with 80 to 180 training pictures of each species, and three targets of 9
   * other birds, fish and flowers with 12. Sources are ample because the paper's are: of scarce
   * ones, a network learns the less the fewer classes are selected. About 7000 pictures.
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
        guide(seed, 10, 1.0, Family.BIRDS, Family.FISH)
            .build()
            .write(folder.resolve("long-tailed"), progress)
            .get(FieldGuide.SOURCE);
    Map<String, DatasetSplits> transfer =
        guide(seed, 80, 0.7, Family.BIRDS, Family.FISH, Family.LEAVES, Family.FLOWERS)
            .target("birds", Family.BIRDS, SPECIES, 12, 40)
            .target("fish", Family.FISH, SPECIES, 12, 40)
            .target("flowers", Family.FLOWERS, SPECIES, 12, 40)
            .build()
            .write(folder.resolve("transfer"), progress);
    DatasetSplits all = transfer.get(FieldGuide.SOURCE);
    return new PaperDomains(
        part(longTailed, "long-tailed animals", "bird_", "fish_"),
        Domains.of(
            List.of(
                part(all, "animals", "bird_", "fish_"), part(all, "plants", "leaf_", "flower_")),
            List.of(transfer.get("birds"), transfer.get("fish"), transfer.get("flowers"))));
  }

  private static FieldGuide.Builder guide(
      long seed, int minimumImages, double zipfExponent, Family... families) {
    return FieldGuide.builder()
        .families(families)
        .speciesPerFamily(SPECIES)
        .maximumImages(180)
        .zipfExponent(zipfExponent)
        .minimumImages(minimumImages)
        .validationImages(30)
        .seed(seed);
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
