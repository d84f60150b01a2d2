package dev.fgvc.nets.engine.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.torch.runtime.CpuFeature;
import dev.fgvc.nets.testing.Reference;
import java.nio.file.Path;
import java.util.EnumSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every path of the CPU on any machine, by processes that go without what it has. */
class CpuCapabilitiesTest {

  @TempDir private static Path folder;
  private static ForcedFeatures all;

  @BeforeAll
  static void computeWithAllFeatures() throws Exception {
    all = ForcedFeatures.without("", true, folder);
  }

  /**
   * The same values bit by bit: the same code ran, in the same time and memory. A wrong path would
   * show: libtorch and oneDNN do without the features too, and refuse what needs them.
   */
  @ParameterizedTest
  @CsvSource({"avx512_bf16, AVX512", "avx512, AVX2", "avx2, DEFAULT", "onednn, AVX512"})
  void withoutBfloat16ProductsItComputesAsInFloat32(String features, String mostVectors)
      throws Exception {
    ForcedFeatures without = ForcedFeatures.without(features, true, folder);

    requireFloat32(without);
    requireClose(without.single(), all.single(), 1e-5);
    if (all.vectors().equals("AVX512")) {
      assertThat(without.vectors()).isEqualTo(mostVectors);
      assertThat(without.fusesBfloat16()).isEqualTo(mostVectors.equals("AVX512"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"amx", "onednn_fused"})
  void bfloat16NeedsNeitherMatrixUnitsNorFusedConvolutions(String features) throws Exception {
    ForcedFeatures without = ForcedFeatures.without(features, true, folder);

    assertThat(without.half().inference()).isEqualTo(all.half().inference());
    assertThat(without.half().training()).isEqualTo(all.half().training());
    requireClose(without.single(), all.single(), 1e-5);
    requireClose(without.half(), all.single(), 1e-2);
  }

  /** Without matrix units; whether vectors alone are worth it differs from CPU to CPU. */
  @Test
  void slowBfloat16IsComputedAsFloat32UnlessForced() throws Exception {
    ForcedFeatures measured = ForcedFeatures.without("amx", false, folder);
    ForcedFeatures forced = ForcedFeatures.without("amx", true, folder);

    assertThat(measured.half().training()).isEqualTo(measured.half().inference());
    if (measured.half().inference() == Precision.FP32) {
      requireFloat32(measured);
      assertThat(measured.single().features()).isEqualTo(forced.single().features());
    } else {
      assertThat(forced.half().inference()).isEqualTo(Precision.BF16);
      assertThat(measured.half().features()).isEqualTo(forced.half().features());
    }
  }

  private static void requireFloat32(ForcedFeatures computed) {
    assertThat(computed.half().inference()).isEqualTo(Precision.FP32);
    assertThat(computed.half().training()).isEqualTo(Precision.FP32);
    assertThat(computed.half().features()).isEqualTo(computed.single().features());
    assertThat(computed.half().classMeans()).isEqualTo(computed.single().classMeans());
    assertThat(computed.half().gradients()).isEqualTo(computed.single().gradients());
  }

  @Test
  void bothPrecisionsAgreeWithAllFeatures() {
    assertThat(all.single().inference()).isEqualTo(Precision.FP32);
    assertThat(all.single().training()).isEqualTo(Precision.FP32);
    requireClose(all.half(), all.single(), 1e-2);
  }

  private static void requireClose(
      ForcedFeatures.Computed actual, ForcedFeatures.Computed expected, double tolerance) {
    assertThat(Reference.relativeError(actual.features(), expected.features()))
        .isLessThan(tolerance);
    assertThat(Reference.relativeError(actual.classMeans(), expected.classMeans()))
        .isLessThan(tolerance);
    assertThat(Reference.relativeError(actual.gradients(), expected.gradients()))
        .isLessThan(5 * tolerance);
  }

  @Test
  void precisionIsThatOfTheOptionsWhereTheDeviceHasIt() {
    InferenceOptions half = InferenceOptions.defaults().withPrecision(Precision.BF16);
    TrainingOptions training = TrainingOptions.paper().toBuilder().bfloat16(true).build();
    CpuCapabilities products = new CpuCapabilities(true, true, () -> true);
    CpuCapabilities none = new CpuCapabilities(true, true, () -> false);

    assertThat(products.computed(half)).isEqualTo(half);
    assertThat(products.computed(training)).isEqualTo(training);
    assertThat(none.computed(half)).isEqualTo(InferenceOptions.defaults());
    assertThat(none.computed(training)).isEqualTo(TrainingOptions.paper());
    InferenceOptions onGpu = half.withDevice(Device.cuda(0));
    assertThat(none.computed(onGpu)).isEqualTo(onGpu);
  }

  @Test
  void withoutAFeatureThoseThatBuildOnItAreOffToo() {
    assertThat(CpuFeature.listed("")).isEmpty();
    assertThat(CpuFeature.listed("amx")).containsExactly(CpuFeature.AMX);
    assertThat(CpuFeature.listed(" avx512 , onednn_fused"))
        .isEqualTo(
            EnumSet.of(
                CpuFeature.AMX,
                CpuFeature.AVX512_BF16,
                CpuFeature.AVX512,
                CpuFeature.ONEDNN_FUSED));
    assertThat(CpuFeature.listed("avx2,onednn")).isEqualTo(EnumSet.allOf(CpuFeature.class));
  }

  @Test
  void refusesFeaturesThatItDoesNotKnow() {
    assertThatExceptionOfType(EngineException.class)
        .isThrownBy(() -> CpuFeature.listed("amx,avx1024"))
        .withMessage(
            "the system property fgvc.cpu.without lists 'avx1024'; features are amx, avx512_bf16,"
                + " avx512, avx2, onednn_fused, onednn");
  }
}
