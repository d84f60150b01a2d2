package dev.fgvc.nets.weights;

import dev.fgvc.nets.arch.NetworkGraph;

/**
 * A network as another library's file describes it.
 *
 * @param graph drawn in the convention of that library, so that it gives that library's results
 * @param weights a value for each of its variables
 * @param report where they came from
 */
public record ImportedNetwork(NetworkGraph graph, Weights weights, ImportReport report) {}
