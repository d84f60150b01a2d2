package dev.fgvc.nets.engine.torch.kernel;

import com.google.common.base.Suppliers;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.torch.runtime.CpuFeature;
import dev.fgvc.nets.engine.torch.runtime.ProcessSettings;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;

/**
 * Capabilities of this machine's CPU as libtorch uses them. Every path that needs more than plain
 * operations in float32 asks here whether to be taken.
 *
 * @param oneDnn whether libtorch gives convolutions to oneDNN
 * @param fusedConvolutions whether oneDNN's fused convolutions can be called, see {@link
 *     OneDnnConvolution}
 * @param bfloat16 whether bfloat16 is computed where it is asked for. oneDNN refuses it on CPUs
 *     without AVX-512, and widens each value in software on those of AVX-512 alone, where a 3 x 3
 *     convolution took 5.4 times as long as in float32. With instructions for products of bfloat16
 *     a short measurement decides when the first network asks, see {@link Bfloat16Products}
 */
public record CpuCapabilities(boolean oneDnn, boolean fusedConvolutions, BooleanSupplier bfloat16) {

  /**
   * The system property that, set to true, has bfloat16 computed by instructions for it even where
   * float32 is faster.
   */
  static final String SLOW_BFLOAT16 = "fgvc.cpu.slowBfloat16";

  private static final Supplier<CpuCapabilities> THIS_MACHINE =
      Suppliers.memoize(CpuCapabilities::ask);

  /**
   * Those of this machine, without what {@link CpuFeature#PROPERTY} switches off; libtorch is asked
   * once, by two small convolutions.
   *
   * @throws EngineException if the property lists an unknown feature
   */
  public static CpuCapabilities ofThisMachine() {
    return THIS_MACHINE.get();
  }

  private static CpuCapabilities ask() {
    Set<CpuFeature> off = CpuFeature.switchedOff();
    boolean oneDnn =
        !off.contains(CpuFeature.ONEDNN)
            && torch.hasMKLDNN()
            && torch.globalContext().userEnabledMkldnn();
    return new CpuCapabilities(
        oneDnn,
        oneDnn && !off.contains(CpuFeature.ONEDNN_FUSED) && OneDnnConvolution.work(),
        Suppliers.<Boolean>memoize(
                () ->
                    oneDnn
                        && !off.contains(CpuFeature.AVX512_BF16)
                        && (ProcessSettings.flag(SLOW_BFLOAT16, false)
                            ? Bfloat16Products.exist()
                            : Bfloat16Products.areWorthwhile()))
            ::get);
  }

  /** oneDNN's fused convolutions, which the caller closes; absent where they are not to be used. */
  public Optional<OneDnnConvolution> newFusedConvolution() {
    return fusedConvolutions ? Optional.of(new OneDnnConvolution()) : Optional.empty();
  }

  /** The precision in which a device computes that is asked for another. */
  private Precision computed(Device device, Precision asked) {
    return asked == Precision.BF16 && device.kind() == Device.Kind.CPU && !bfloat16.getAsBoolean()
        ? Precision.FP32
        : asked;
  }

  /** Options for inference in the precision that is computed in. */
  public InferenceOptions computed(InferenceOptions options) {
    return options.withPrecision(computed(options.device(), options.precision()));
  }

  /** Options for training in the precision that is computed in. */
  public TrainingOptions computed(TrainingOptions options) {
    Precision asked = options.bfloat16() ? Precision.BF16 : Precision.FP32;
    boolean bfloat16 = computed(options.device(), asked) == Precision.BF16;
    return options.toBuilder().bfloat16(bfloat16).build();
  }
}
