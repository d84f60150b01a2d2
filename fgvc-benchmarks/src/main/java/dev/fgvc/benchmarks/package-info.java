/**
 * JMH benchmarks of the hot paths. Each class says what it measures, which trap it avoids and how
 * to run it; {@code mvn verify} builds the runnable jar {@code target/benchmarks.jar}.
 */
@NullMarked
package dev.fgvc.benchmarks;

import org.jspecify.annotations.NullMarked;
