package dev.fgvc.loader;

import dev.fgvc.data.Dataset;

/**
 * Which images of a data set an epoch shows, in which order. Any epoch and any place in it can be
 * asked for at any time, so that training resumes where it stopped; the same sampler and epoch give
 * the same order. The text of a sampler names its settings: training compares it, beside the orders
 * of the first two epochs, before it goes on from a checkpoint.
 *
 * <p>The samplers that weigh classes hold their shares as whole numbers, so they are exact for any
 * data set whose images an {@code int} counts: each class gets its share of an epoch rounded down
 * or up, and exactly that share on average over the epochs. Classes without images are left out. A
 * whole epoch takes 4 bytes an image and about a microsecond for each.
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
   * One place of an epoch, as {@code epoch(epoch)[position]}, so that training resumes in the
   * middle of one. The samplers made here compute it by itself, in about a microsecond and without
   * replaying what came before.
   *
   * @param epoch counted from 0
   * @param position from 0 to {@link #epochSize()} less 1
   * @return a position in the data set
   * @throws IllegalArgumentException if the epoch or the position is out of range
   */
  default int at(int epoch, int position) {
    Samplers.requirePlace(epoch, position, epochSize());
    return epoch(epoch)[position];
  }

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
   * Draws each image once, shuffled for each epoch: the natural, imbalanced distribution of the
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
   * Each class equally often, in as many images as the data set has. Within an epoch the images of
   * one class are shown equally often up to one.
   *
   * @param dataset the images, at least one
   * @param seed chooses images and orders
   * @return the sampler
   * @throws IllegalArgumentException if the data set is empty
   */
  static Sampler balanced(Dataset dataset, long seed) {
    return Samplers.balanced(dataset, seed);
  }

  /**
   * Each class in proportion to the square root of its images, half-way between natural and
   * balanced, in as many images as the data set has (Mahajan et al., ECCV 2018; Kang et al., ICLR
   * 2020). Within an epoch the images of one class are shown equally often up to one.
   *
   * @param dataset the images, at least one
   * @param seed chooses images and orders
   * @return the sampler; the roots have 15 fractional bits
   * @throws IllegalArgumentException if the data set is empty
   */
  static Sampler squareRoot(Dataset dataset, long seed) {
    return Samplers.squareRoot(dataset, seed);
  }

  /**
   * Each image of a class with frequency f repeated {@code max(1, sqrt(threshold / f))} times, so
   * that an epoch is longer than the data set (Gupta et al., LVIS, CVPR 2019). An image is shown
   * its factor rounded down or up in each epoch.
   *
   * @param dataset the images, at least one
   * @param threshold the part of all images below which a class is repeated, above 0, at most 1
   * @param seed chooses images and orders
   * @return the sampler; the repeats of a class have 16 fractional bits
   * @throws IllegalArgumentException if the data set is empty or the threshold out of range
   * @throws ArithmeticException if an epoch would have more than 2^31 images
   */
  static Sampler repeatFactor(Dataset dataset, double threshold, long seed) {
    return Samplers.repeatFactor(dataset, threshold, seed);
  }

  /**
   * Draws a more balanced subset for the second stage (section 3.2): at most this many images of
   * each class, chosen once and shuffled for each epoch.
   *
   * @param dataset the images
   * @param maximumPerClass images of one class at most, at least 1
   * @param seed chooses subset and orders
   * @return the sampler
   */
  static Sampler capped(Dataset dataset, int maximumPerClass, long seed) {
    return Samplers.capped(dataset, maximumPerClass, seed);
  }

  /**
   * A given part of the data set, each of its images once an epoch, such as the more balanced split
   * that the paper's second stage trains on: the authors took the 90 % of iNaturalist's validation
   * images that were added to the training set.
   *
   * @param dataset the images
   * @param part some of them, found by their paths
   * @param seed chooses the orders
   * @return the sampler, with positions in {@code dataset}
   * @throws IllegalArgumentException if the part holds an image twice or one that is not in the
   *     data set
   */
  static Sampler subset(Dataset dataset, Dataset part, long seed) {
    return Samplers.shuffled(Samplers.positionsOf(part, dataset), seed);
  }

  /**
   * Some images of the data set, each once an epoch.
   *
   * @param dataset the images
   * @param positions which of them, each at most once
   * @param seed chooses the orders
   * @return the sampler
   * @throws IllegalArgumentException if a position is given twice
   * @throws IndexOutOfBoundsException if a position is not one of the data set
   */
  static Sampler subset(Dataset dataset, int[] positions, long seed) {
    return Samplers.subset(dataset, positions, seed);
  }

  /**
   * From one sampler to another in equal steps (progressively balanced sampling, Kang et al., ICLR
   * 2020): epoch t of T takes t / (T - 1) of its places from {@code to} and the others from {@code
   * from}; the first epoch is all {@code from}, the last and those after it all {@code to}.
   *
   * @param from how it begins; an epoch of the blend has its size
   * @param to where it goes; gone through several times where it is smaller
   * @param epochs how many epochs it takes, at least 2
   * @param seed chooses which places change
   * @return the sampler
   * @throws IllegalArgumentException if there are fewer than 2 epochs or {@code to} shows no image
   */
  static Sampler blend(Sampler from, Sampler to, int epochs, long seed) {
    return new BlendedSampler(from, to, epochs, seed);
  }
}
