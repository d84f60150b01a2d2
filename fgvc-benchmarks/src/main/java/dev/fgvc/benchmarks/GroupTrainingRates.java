package dev.fgvc.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.nets.cluster.c10d.GlooGroup;
import dev.fgvc.nets.cluster.c10d.LocalWorkers;
import dev.fgvc.nets.engine.Engine;
import dev.fgvc.nets.engine.Images;
import dev.fgvc.nets.engine.ProcessGroup;
import dev.fgvc.nets.engine.TrainableNetwork;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.weights.Weights;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures how many images a second one process trains, and several processes of this machine
 * together, by the clock: with gradients exchanged while the way back goes on, and after it.
 *
 * <p>The traps avoided: all is measured in turns, round by round, so that a machine that slows down
 * does so for all; the two ways take turns in being the first of their processes, as the second
 * finds them warm; the first update, which prepares kernels and memory, does not count; updates are
 * of rate 0, so that none computes with infinities. The cores must have nothing else to do, and
 * there must be as many as processes times threads.
 *
 * <pre>
 *   java -cp fgvc-benchmarks/target/benchmarks.jar dev.fgvc.benchmarks.GroupTrainingRates
 *   ... GroupTrainingRates ranks=4 batch=32 rounds=5
 * </pre>
 */
final class GroupTrainingRates {

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "ranks", "2",
          "threads", "1",
          "network", "RESNET_V2_50",
          "width", "1",
          "side", "224",
          "batch", "16",
          "updates", "8",
          "rounds", "3");

  private static final String ONE = "1 process";
  private static final String OVERLAPPED = "while the way back goes on";
  private static final String AFTER = "after the way back";

  private GroupTrainingRates() {}

  /**
   * Measures and prints.
   *
   * @param arguments {@code ranks=}, {@code threads=} of each, {@code network=}, {@code width=} of
   *     its channels, {@code side=} of the images, {@code batch=} of each rank, {@code updates=}
   *     that are timed, {@code rounds=} whose median counts
   * @throws IllegalArgumentException if a name is none of these, there are fewer than two ranks, or
   *     no round
   */
  public static void main(String[] arguments) throws IOException {
    Settings settings = Settings.parse(DEFAULTS, arguments);
    int ranks = settings.numberFrom(2, "ranks");
    int rounds = settings.numberFrom(1, "rounds");
    Path results = Files.createTempFile("rates", ".txt");
    try {
      for (int round = 0; round < rounds; round++) {
        for (int processes : new int[] {1, ranks}) {
          LocalWorkers.of(Rank.class, processes)
              .withThreads(settings.number("threads"))
              .withJvmOptions(
                  List.of(
                      "-Xmx1g",
                      "-XX:+IgnoreUnrecognizedVMOptions",
                      "--enable-native-access=ALL-UNNAMED"))
              .withArguments(settings.with("results", results).with("round", round).arguments())
              .run();
        }
      }
      List<Rate> rates = Files.readAllLines(results).stream().map(Rate::parse).toList();
      System.out.println("images a second by the clock, CPU seconds of rank 0 an image: medians");
      double one = print(ONE, rates, Double.NaN);
      print(OVERLAPPED, rates, one);
      print(AFTER, rates, one);
    } finally {
      Files.delete(results);
    }
  }

  /** Prints the median, least and most of one way; returns the median. */
  private static double print(String way, List<Rate> all, double one) {
    List<Rate> rates = all.stream().filter(rate -> rate.way().equals(way)).toList();
    double[] perSecond = rates.stream().mapToDouble(Rate::imagesPerSecond).sorted().toArray();
    double[] cpu = rates.stream().mapToDouble(Rate::cpuSeconds).sorted().toArray();
    double median = perSecond[perSecond.length / 2];
    System.out.printf(
        Locale.ROOT,
        "%-28s %.3f (%.3f to %.3f)%s, %.3f CPU s%n",
        way,
        median,
        perSecond[0],
        perSecond[perSecond.length - 1],
        Double.isNaN(one) ? "" : String.format(Locale.ROOT, ", %.3f times one", median / one),
        cpu[cpu.length / 2]);
    return median;
  }

  /** One measurement. */
  private record Rate(String way, double imagesPerSecond, double cpuSeconds) {

    static Rate parse(String line) {
      String[] parts = line.split(";");
      return new Rate(parts[0], Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
    }

    @Override
    public String toString() {
      return way + ";" + imagesPerSecond + ";" + cpuSeconds;
    }
  }

  /** One of the processes. */
  static final class Rank {

    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final Settings settings;
    private final ProcessGroup group;

    private Rank(Settings settings, ProcessGroup group) {
      this.settings = settings;
      this.group = group;
    }

    public static void main(String[] arguments) throws IOException {
      Settings settings = Settings.parse(List.of(arguments));
      try (GlooGroup group = GlooGroup.join()) {
        Rank rank = new Rank(settings, group);
        List<Rate> rates = new ArrayList<>();
        if (group.size() == 1) {
          rates.add(rank.measure(ONE));
        } else {
          boolean even = settings.number("round") % 2 == 0;
          rates.add(rank.measure(even ? OVERLAPPED : AFTER));
          rates.add(rank.measure(even ? AFTER : OVERLAPPED));
        }
        if (group.rank() == 0) {
          Files.write(
              settings.path("results"),
              rates.stream().map(Rate::toString).toList(),
              StandardOpenOption.APPEND);
        }
      }
    }

    private Rate measure(String way) {
      NetworkGraph graph = Networks.graph(settings);
      int count = settings.number("batch");
      Images images = Networks.floats(count, settings.number("side"), group.rank());
      int[] labels = Networks.labels(count, group.rank());
      try (TrainableNetwork network =
          Engine.torch()
              .compileForTraining(graph, Weights.initialize(graph, 1), TrainingOptions.paper())) {
        if (!way.equals(ONE)) {
          network.join(way.equals(AFTER) ? new OneBucket(group) : group);
        }
        update(network, way, images, labels);
        int updates = settings.number("updates");
        long begin = System.nanoTime();
        long cpuBegin = SYSTEM.getProcessCpuTime();
        for (int i = 0; i < updates; i++) {
          update(network, way, images, labels);
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        double cpu = (SYSTEM.getProcessCpuTime() - cpuBegin) / 1e9;
        double own = (double) updates * count;
        return new Rate(way, group.size() * own / seconds, cpu / own);
      }
    }

    private void update(TrainableNetwork network, String way, Images images, int[] labels) {
      network.accumulate(images, labels);
      if (!way.equals(ONE)) {
        network.exchange(group.size());
      }
      network.update(0);
    }
  }

  /** A group in which all gradients are exchanged at once. */
  private record OneBucket(ProcessGroup group) implements ProcessGroup {

    @Override
    public int rank() {
      return group.rank();
    }

    @Override
    public int size() {
      return group.size();
    }

    @Override
    public long bucketBytes() {
      return Long.MAX_VALUE;
    }

    @Override
    public void abort(String reason) {
      group.abort(reason);
    }

    @Override
    public void allToAll(ByteBuffer send, ByteBuffer receive) {
      group.allToAll(send, receive);
    }

    @Override
    public void allGather(ByteBuffer send, ByteBuffer receive) {
      group.allGather(send, receive);
    }

    @Override
    public void broadcast(ByteBuffer values) {
      group.broadcast(values);
    }
  }
}
