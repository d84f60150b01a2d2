package dev.fgvc.benchmarks.peers;

import dev.fgvc.benchmarks.Settings;
import java.io.IOException;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The pieces of work by the names that the Python side uses. */
final class Works {

  @FunctionalInterface
  private interface Preparation {
    Work prepare(Settings settings) throws IOException;
  }

  private static final TreeMap<String, Preparation> ALL = all();

  private Works() {}

  private static TreeMap<String, Preparation> all() {
    TreeMap<String, Preparation> all = new TreeMap<>();
    all.put("emd", DomainPair::exactEmd);
    all.put("emd-streamed", DomainPair::streamedEmd);
    all.put("distance", DomainPair::groundDistance);
    all.put("inference", NetworkWork::inference);
    all.put("class-means", NetworkWork::classMeans);
    all.put("training-step", NetworkWork::trainingStep);
    all.put("loader", PhotoWork::epoch);
    all.put("onnx", OnnxWork::features);
    all.put("first-logits", FirstLogits::of);
    all.put("whole-job", WholeJob::of);
    return all;
  }

  static Set<String> names() {
    return new TreeSet<>(ALL.keySet());
  }

  static Work prepare(String name, Settings settings) throws IOException {
    Preparation preparation = ALL.get(name);
    if (preparation == null) {
      throw new IllegalArgumentException("no work is called '" + name + "'; there are " + names());
    }
    return preparation.prepare(settings);
  }
}
