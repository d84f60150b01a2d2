package dev.fgvc.nets.engine.torch.kernel;

import com.google.common.base.Suppliers;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.EngineException;
import dev.fgvc.nets.engine.InferenceOptions;
import dev.fgvc.nets.engine.Precision;
import dev.fgvc.nets.engine.TrainingOptions;
import dev.fgvc.nets.engine.torch.memory.OwnedPointers;
import dev.fgvc.nets.engine.torch.runtime.BoxedOperator;
import dev.fgvc.nets.engine.torch.runtime.CpuFeature;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Capabilities of this machine's CPU as libtorch uses them. Every path that needs more than plain
 * operations in float32 asks here whether to be taken.
 *
 * @param oneDnn whether libtorch gives convolutions to oneDNN
 * @param fusedConvolutions whether oneDNN's fused convolutions can be called, see {@link
 *     OneDnnConvolution}
 * @param bfloat16Products whether convolutions multiply bfloat16 by instructions for it. oneDNN
 *     refuses bfloat16 on CPUs without AVX-512, and widens each value in software on those of
 *     AVX-512 alone, where a 3 x 3 convolution took 5.4 times as long as in float32
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
public record CpuCapabilities(boolean oneDnn, boolean fusedConvolutions, boolean bfloat16Products) {

  private static final Supplier<CpuCapabilities> THIS_MACHINE =
      Suppliers.memoize(CpuCapabilities::ask);

  /**
   * Those of this machine, without what {@link CpuFeature#PROPERTY} switches off; libtorch is asked
   * once, by three small convolutions.
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
        oneDnn && !off.contains(CpuFeature.AVX512_BF16) && multipliesBfloat16());
  }

  /**
   * Whether a convolution in bfloat16 multiplies by instructions for it, which neither libtorch nor
   * oneDNN says. These instructions take subnormal numbers for zeros whatever the thread's mode;
   * code that widens its factors and multiplies them in float32 keeps them.
   */
  private static boolean multipliesBfloat16() {
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope temporaries = new PointerScope();
        OwnedPointers owned = new OwnedPointers()) {
      if (!BoxedOperator.find("mkldnn::_is_mkldnn_bf16_supported", "", owned).test()) {
        return false;
      }
      Tensor subnormal = torch.full(new long[] {64, 64, 3, 3}, new Scalar(Float.MIN_NORMAL / 2));
      boolean keptInFloat32 = subnormal.sum().item_float() > 0;
      Tensor ones = torch.ones(new long[] {1, 64, 8, 8}, new TensorOptions(ScalarType.BFloat16));
      Tensor products = torch.conv2d(ones, subnormal.to(ScalarType.BFloat16));
      return keptInFloat32 && !products.any().item_bool();
    } catch (RuntimeException e) {
      return false; // another libtorch, without the operator
    }
  }

  /** oneDNN's fused convolutions, which the caller closes; absent where they are not to be used. */
  public Optional<OneDnnConvolution> newFusedConvolution() {
    return fusedConvolutions ? Optional.of(new OneDnnConvolution()) : Optional.empty();
  }

  /** The precision in which a device computes that is asked for another. */
  private Precision computed(Device device, Precision asked) {
    return device.kind() == Device.Kind.CPU && !bfloat16Products ? Precision.FP32 : asked;
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
