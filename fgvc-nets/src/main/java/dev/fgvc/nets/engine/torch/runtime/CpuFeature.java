package dev.fgvc.nets.engine.torch.runtime;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.base.Suppliers;
import dev.fgvc.nets.engine.EngineException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Instructions of a CPU, or code of libtorch for it, that can be switched off, so that a machine
 * computes as one without them does. The system property {@value #PROPERTY} lists them, separated
 * by commas: {@code avx512}, or {@code amx,onednn_fused}. Without a feature, those that build on it
 * are off too.
 */
public enum CpuFeature {
  /** Matrix units. */
  AMX(Map.of("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_FP16")),

  /** Products of bfloat16, in vectors and in matrix units. */
  AVX512_BF16(Map.of("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_VNNI")),

  /** Vectors of 512 bits. */
  AVX512(Map.of("ONEDNN_MAX_CPU_ISA", "AVX2", "ATEN_CPU_CAPABILITY", "avx2")),

  /** Vectors of 256 bits with fused multiply-adds. */
  AVX2(Map.of("ONEDNN_MAX_CPU_ISA", "SSE41", "ATEN_CPU_CAPABILITY", "default")),

  /** oneDNN's convolutions with other operations fused to them. */
  ONEDNN_FUSED(Map.of()),

  /** All of oneDNN. */
  ONEDNN(Map.of());

  /** The system property that switches features off. */
  public static final String PROPERTY = "fgvc.cpu.without";

  private static final Supplier<Set<CpuFeature>> SWITCHED_OFF =
      Suppliers.memoize(CpuFeature::switchOff);

  /** Environment variables by which oneDNN and libtorch do without the feature. */
  private final Map<String, String> environment;

  CpuFeature(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * The features that libtorch does without in this process; the first call tells it so.
   *
   * @throws EngineException if the property lists an unknown feature
   */
  public static Set<CpuFeature> switchedOff() {
    return SWITCHED_OFF.get();
  }

  /**
   * Makes libtorch do without the features that the property switches off. To be called as soon as
   * it is loaded: its code chooses instructions when it first computes.
   */
  static void limitLibtorch() {
    try {
      SWITCHED_OFF.get();
    } catch (EngineException e) {
      // A wrong list is no reason not to load; whatever is compiled is told of it.
    }
  }

  private static Set<CpuFeature> switchOff() {
    Set<CpuFeature> features = listed(System.getProperty(PROPERTY, ""));
    ProcessSettings.switchOff(features);
    return features;
  }

  /**
   * The features that a value of the property switches off.
   *
   * @throws EngineException if a name is unknown
   */
  public static Set<CpuFeature> listed(String value) {
    EnumSet<CpuFeature> features = EnumSet.noneOf(CpuFeature.class);
    for (String name : Splitter.on(',').trimResults().omitEmptyStrings().split(value)) {
      CpuFeature feature = named(name);
      CpuFeature furthest = feature.compareTo(AVX2) <= 0 ? AMX : ONEDNN_FUSED;
      features.addAll(EnumSet.range(furthest, feature));
    }
    return features;
  }

  private static CpuFeature named(String name) {
    return Arrays.stream(values())
        .filter(feature -> feature.label().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new EngineException(
                    "the system property "
                        + PROPERTY
                        + " lists '"
                        + name
                        + "'; features are "
                        + Arrays.stream(values())
                            .map(CpuFeature::label)
                            .collect(Collectors.joining(", "))));
  }

  private String label() {
    return Ascii.toLowerCase(name());
  }

  /** The environment variables that leave out all of some features. */
  static Map<String, String> environmentWithout(Set<CpuFeature> features) {
    Map<String, String> environment = new HashMap<>();
    features.forEach(feature -> environment.putAll(feature.environment)); // the least comes last
    return environment;
  }
}
