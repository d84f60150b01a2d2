package dev.fgvc.nets.arch;

import dev.fgvc.image.Resolution;
import java.util.OptionalDouble;

/** The options of a network of a given architecture; see {@link Architecture.Builder}. */
record NetworkOptions(
    int classes,
    double widthMultiplier,
    OptionalDouble batchNormDecay,
    boolean auxiliaryHead,
    Resolution resolution,
    Convention convention,
    Head head) {}
