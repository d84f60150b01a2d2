package dev.fgvc.loader;

import dev.fgvc.data.Dataset;

/**
 * Which images of a data set an epoch shows, in which order. Any epoch can be asked for at any
 * time, so that training resumes where it stopped; the same sampler and epoch give the same order.
 */
public interface Sampler {

  /**
   * The images of one epoch.
   *
   * @param epoch counted from 0
   * @return positions in the data set, a new array of length {@link #epochSize()}
   * @throws IllegalArgumentException if the epoch is negative
   */
  int[] epoch(int epoch);

  /**
   * How many images an epoch has.
   *
   * @return the same number for every epoch
   */
  int epochSize();

  /**
   * Each image once, in the order of the data set; for evaluation.
   *
   * @param dataset the images
   * @return the sampler
   */
  static Sampler sequential(Dataset dataset) {
    return Samplers.sequential(dataset.size());
  }

  /**
   * Each image once, shuffled anew for each epoch: the natural, imbalanced distribution of the
   * paper's first stage.
   *
   * @param dataset the images
   * @param seed chooses the orders
   * @return the sampler
   */
  static Sampler natural(Dataset dataset, long seed) {
    return Samplers.shuffled(Samplers.positions(dataset.size()), seed);
  }

  /**
   * Each class equally often, in as many images as the data set has; where that does not divide,
   * some classes, other ones each epoch, get one more. Within an epoch the images of one class are
   * shown equally often up to one. Classes without images are left out.
   *
   * @param dataset the images, at least one
   * @param seed chooses images and orders
   * @return the sampler
   * @throws IllegalArgumentException if the data set is empty
   */
  static Sampler balanced(Dataset dataset, long seed) {
    return new BalancedSampler(dataset.labels(), dataset.classCount(), seed);
  }

  /**
   * The more balanced subset of the paper's second stage (section 3.2): at most so many images of
   * each class, chosen once, shuffled anew for each epoch.
   *
   * @param dataset the images
   * @param maximumPerClass images of one class at most, at least 1
   * @param seed chooses subset and orders
   * @return the sampler
   */
  static Sampler capped(Dataset dataset, int maximumPerClass, long seed) {
    return Samplers.shuffled(
        Samplers.cappedPositions(
            dataset.labels(), dataset.classCount(), maximumPerClass, Seeds.mix(seed, 1)),
        seed);
  }
}
