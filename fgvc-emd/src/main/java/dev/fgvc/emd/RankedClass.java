package dev.fgvc.emd;

/**
 * A source class and how close it comes to a target domain all by itself.
 *
 * @param index the class's index in the source domain
 * @param name the class's name
 * @param emd the Earth Mover's Distance of {(class, 1)} to the target
 * @param similarity {@code exp(-gamma emd)} (equation 3)
 */
public record RankedClass(int index, String name, double emd, double similarity) {}
