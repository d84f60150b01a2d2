package dev.fgvc.nets.experiment;

import dev.fgvc.nets.arch.Architecture;

/**
 * A network to experiment with.
 *
 * @param label as tables show it, such as {@code Inc-v3}
 * @param architecture one of the paper's
 * @param widthMultiplier of its channels; 1 is the paper's network
 */
public record NetworkChoice(String label, Architecture architecture, double widthMultiplier) {}
