/**
 * The library's work that falls into independent parts, on an Apache Spark cluster: features of
 * images, similarities of many domains, bootstrap replicates, set selection.
 *
 * <p>Spark is the application's to bring: its artifacts are {@code provided} here, and nothing
 * outside this package touches them. Networks, domains and results travel as bytes of this
 * library's own versioned formats, whatever serializer Spark is set to; only the small functions
 * that are shipped with tasks go through Java serialization, from the driver to its executors, as
 * all of Spark's do. Results are those of one machine bit by bit; the classes say why.
 */
@NullMarked
package dev.fgvc.nets.cluster.spark;

import org.jspecify.annotations.NullMarked;
