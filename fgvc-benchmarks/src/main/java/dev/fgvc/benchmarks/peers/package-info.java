/**
 * Our side of the comparison with other libraries. {@code fgvc-benchmarks/peers/run.py} starts one
 * {@link dev.fgvc.benchmarks.peers.Worker} beside a Python process for each peer, lets them take
 * turns on the same files, and compares what they compute before it compares times.
 */
@NullMarked
package dev.fgvc.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
