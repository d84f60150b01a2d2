package dev.fgvc.emd;

/**
 * How similar two domains are.
 *
 * @param emd their Earth Mover's Distance (equation 2), in the unit of the features, at least 0
 * @param similarity {@code exp(-gamma emd)} (equation 3), times the {@link ScaleFactor} where one
 *     is set; from 0 to 1
 * @param plan the transport plan between their classes, with its certificate
 */
public record Similarity(double emd, double similarity, TransportPlan plan) {}
