/**
 * Exact Earth Mover's Distance, domain similarity and source selection (section 4 of Cui et al.,
 * CVPR 2018).
 *
 * <p>{@link dev.fgvc.emd.GroundDistance} gives the cost of moving one class to another, {@link
 * dev.fgvc.emd.ExactEmd} the cheapest plan that moves one domain to another, with a proof of its
 * optimality inside the {@link dev.fgvc.emd.TransportPlan}. {@link dev.fgvc.emd.DomainSimilarity}
 * puts the two together, and {@link dev.fgvc.emd.SourceSelection} picks the source classes to
 * pre-train on. All of it runs without native libraries; where the application adds OR-Tools' for
 * its platform, large problems of image counts are solved sooner.
 */
@NullMarked
package dev.fgvc.emd;

import org.jspecify.annotations.NullMarked;
