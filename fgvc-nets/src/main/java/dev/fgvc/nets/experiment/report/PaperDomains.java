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
   * Draws a field guide: two long-tailed sources, one of birds and fish and one of beetles and
   * leaves, with 9 species of each family, and three targets of 9 other birds, fish and beetles
   * with 12 training pictures each. About 3600 pictures. The first source is the long-tailed data.
   * The two families of a source are about as far from each target as each other: where one is far
   * from everything, as flowers are, all mass must reach it and a source is judged by its oddest
   * part.
   *
   * @param folder to make
   * @param seed of the guide
   * @param progress hears of finished pictures
   * @return the domains
   * @throws IOException if something cannot be written
   */
  public static PaperDomains fieldGuide(Path folder, long seed, Progress progress)
      throws IOException {
    Map<String, DatasetSplits> guide =
        FieldGuide.builder()
            .families(Family.BIRDS, Family.FISH, Family.BEETLES, Family.LEAVES)
            .speciesPerFamily(SPECIES)
            .maximumImages(180)
            .zipfExponent(0.7)
            .minimumImages(10)
            .validationImages(30)
            .target("birds", Family.BIRDS, SPECIES, 12, 40)
            .target("fish", Family.FISH, SPECIES, 12, 40)
            .target("beetles", Family.BEETLES, SPECIES, 12, 40)
            .seed(seed)
            .build()
            .write(folder, progress);
    DatasetSplits all = guide.get(FieldGuide.SOURCE);
    DatasetSplits first = part(all, "birds and fish", "bird_", "fish_");
    DatasetSplits second = part(all, "beetles and leaves", "beetle_", "leaf_");
    return new PaperDomains(
        first,
        Domains.of(
            List.of(first, second),
            List.of(guide.get("birds"), guide.get("fish"), guide.get("beetles"))));
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
