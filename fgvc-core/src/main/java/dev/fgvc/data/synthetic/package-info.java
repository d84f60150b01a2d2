/**
 * A drawn data set, for where no photos can be shipped: a field guide of species that differ in
 * small details.
 *
 * <p>A {@link dev.fgvc.data.synthetic.FieldGuide} writes JPEG files and lists in the layout that
 * {@link dev.fgvc.data.DatasetFolder} reads: one long-tailed source domain of many families and
 * small target domains of new species of one {@link dev.fgvc.data.synthetic.Family} each. Families
 * look nothing alike; species of one genus share shape and colours and differ in a few traits, such
 * as the number of wing bars; pictures of one species differ in pose, scale, background, light and
 * occlusion.
 */
@NullMarked
package dev.fgvc.data.synthetic;

import org.jspecify.annotations.NullMarked;
