package dev.fgvc.nets.experiment;

import dev.fgvc.data.Dataset;
import dev.fgvc.data.DatasetSplits;
import dev.fgvc.data.LabeledImage;
import dev.fgvc.emd.RankedClass;
import dev.fgvc.emd.SourceSelection;
import dev.fgvc.feature.DomainFeatures;
import dev.fgvc.image.Resolution;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Figure 6: for each target, the most similar categories of the combined sources, with pictures.
 */
public final class SimilarCategories {

  private SimilarCategories() {}

  /**
   * The network and the number of categories to show.
   *
   * @param network whose features measure similarity, trained on the combined sources
   * @param resolution of all crops
   * @param count categories for each target; 10 in the paper
   * @param seed of the network and of the choice of pictures
   */
  public record Settings(NetworkChoice network, Resolution resolution, int count, long seed) {

    /** Refuses a count below 1. */
    public Settings {
      if (count < 1) {
        throw new IllegalArgumentException(count + " categories for each target; at least 1");
      }
    }
  }

  /**
   * A category of the sources.
   *
   * @param name of the class
   * @param source it comes from
   * @param distance to the target, all mass moved from this category
   * @param similarity exp(-gamma * distance)
   * @param picture one of its images
   */
  public record Category(
      String name, String source, double distance, double similarity, Path picture) {}

  /**
   * A row of the figure.
   *
   * @param target its name
   * @param picture one of its images
   * @param categories the most similar first
   */
  public record TargetRow(String target, Path picture, List<Category> categories) {

    /** Copies the categories. */
    public TargetRow {
      categories = List.copyOf(categories);
    }
  }

  /**
   * Ranks the categories. Time: one training, if the laboratory has not done it yet, and one pass
   * over all images.
   *
   * @param laboratory trains and remembers
   * @param settings what to show
   * @param domains sources and targets
   * @return a row for each target
   */
  public static List<TargetRow> run(Laboratory laboratory, Settings settings, Domains domains) {
    Dataset combined = domains.combined().train();
    TrainedNetwork network =
        laboratory.extractor(settings.network(), combined, settings.resolution(), settings.seed());
    DomainFeatures source = laboratory.features(network, combined);
    Random random = new Random(settings.seed());
    List<TargetRow> rows = new ArrayList<>();
    for (DatasetSplits target : domains.targets()) {
      List<RankedClass> ranked =
          SourceSelection.create().rank(source, laboratory.features(network, target.train()));
      List<Category> categories = new ArrayList<>();
      for (RankedClass each : ranked.subList(0, Math.min(settings.count(), ranked.size()))) {
        categories.add(
            new Category(
                each.name(),
                domains.sources().get(domains.sourceOf(each.index())).name(),
                each.emd(),
                each.similarity(),
                anyPicture(combined, each.index(), random)));
      }
      Path picture = target.train().path(random.nextInt(target.train().size()));
      rows.add(new TargetRow(target.name(), picture, categories));
    }
    return rows;
  }

  private static Path anyPicture(Dataset dataset, int label, Random random) {
    List<Path> pictures =
        dataset.images().stream()
            .filter(image -> image.label() == label)
            .map(LabeledImage::path)
            .toList();
    return pictures.get(random.nextInt(pictures.size()));
  }
}
