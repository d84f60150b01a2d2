/**
 * Domains as weighted sets of class means (section 4.1 of Cui et al., CVPR 2018).
 *
 * <p>A network gives each image a feature vector; {@link dev.fgvc.feature.DomainFeatures} keeps one
 * mean vector and one image count for each class. It is made from image features in memory, from a
 * stream of them through {@link dev.fgvc.feature.ClassMeans}, or from NumPy files. Similarity and
 * source selection work on domains and never see images or networks.
 */
@NullMarked
package dev.fgvc.feature;

import org.jspecify.annotations.NullMarked;
