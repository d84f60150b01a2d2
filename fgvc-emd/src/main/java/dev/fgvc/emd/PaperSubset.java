package dev.fgvc.emd;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import com.google.common.collect.Sets;
import dev.fgvc.data.OfficialDataset;
import dev.fgvc.feature.DomainFeatures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The two subsets of ImageNet + iNat that the paper selects for its targets and pre-trains on
 * (section 5.3).
 *
 * <pre>{@code
 * int[] classes =
 *     SourceSelection.create().union(imageNetAndINat, PaperSubset.B.classesFor(targets));
 * }</pre>
 */
public enum PaperSubset {

  /** Subset A: the 200 most similar classes for each of the seven targets of table 2. */
  A(
      832,
      Maps.toMap(
          List.of(
              OfficialDataset.CUB_200_2011,
              OfficialDataset.STANFORD_DOGS,
              OfficialDataset.FLOWERS_102,
              OfficialDataset.STANFORD_CARS,
              OfficialDataset.FGVC_AIRCRAFT,
              OfficialDataset.FOOD_101,
              OfficialDataset.NABIRDS),
          target -> 200)),

  /** Subset B: 400 classes for each data set of birds, 100 for dogs, 50 for cars and aircraft. */
  B(
      585,
      ImmutableMap.of(
          OfficialDataset.CUB_200_2011, 400,
          OfficialDataset.NABIRDS, 400,
          OfficialDataset.STANFORD_DOGS, 100,
          OfficialDataset.STANFORD_CARS, 50,
          OfficialDataset.FGVC_AIRCRAFT, 50));

  private final int classCount;
  private final ImmutableMap<OfficialDataset, Integer> classesPerTarget;

  PaperSubset(int classCount, ImmutableMap<OfficialDataset, Integer> classesPerTarget) {
    this.classCount = classCount;
    this.classesPerTarget = classesPerTarget;
  }

  /**
   * How many source classes are selected for each target.
   *
   * @return the numbers in the order of the paper; repeats among targets are not removed
   */
  public Map<OfficialDataset, Integer> classesPerTarget() {
    return classesPerTarget;
  }

  /**
   * How many classes the paper's subset has, without repeats, with the paper's features.
   *
   * @return 832 or 585
   */
  public int classCount() {
    return classCount;
  }

  /**
   * The same numbers for the features of the targets, as {@link SourceSelection#union} takes them.
   *
   * @param targets features of every target of this subset; others are left out
   * @return the number of source classes for each; the largest where one domain stands for several
   *     targets
   * @throws IllegalArgumentException if a target is missing; the message names it
   */
  public Map<DomainFeatures, Integer> classesFor(Map<OfficialDataset, DomainFeatures> targets) {
    Set<OfficialDataset> missing =
        Sets.difference(classesPerTarget.keySet(), targets.keySet()).immutableCopy();
    checkArgument(
        missing.isEmpty(), "Subset %s is selected for %s too: give their features", this, missing);
    Map<DomainFeatures, Integer> classes = new LinkedHashMap<>();
    classesPerTarget.forEach(
        (target, count) -> classes.merge(targets.get(target), count, Math::max));
    return classes;
  }
}
