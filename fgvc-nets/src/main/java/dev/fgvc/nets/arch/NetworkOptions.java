package dev.fgvc.nets.arch;

import dev.fgvc.image.Resolution;
import java.util.OptionalDouble;

/** What can be chosen about a network of a given architecture; see {@link Architecture.Builder}. */
record NetworkOptions(
    int classes,
    double widthMultiplier,
    OptionalDouble batchNormDecay,
    boolean auxiliaryHead,
    Resolution resolution,
    Convention convention) {}
