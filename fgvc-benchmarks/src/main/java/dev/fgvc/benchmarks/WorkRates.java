package dev.fgvc.benchmarks;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Amounts of work beside the number of calls; in throughput mode, JMH prints them as rates per
 * second.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class WorkRates {

  /** Multiplications and additions, in thousand millions. */
  public double billionFlop;

  /** Bytes copied from the host to the device, in thousand millions. */
  public double gigabytes;

  /** Images that went through a network. */
  public double images;

  /** Made by JMH. */
  public WorkRates() {}
}
