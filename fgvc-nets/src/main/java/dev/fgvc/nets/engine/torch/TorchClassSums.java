package dev.fgvc.nets.engine.torch;

import dev.fgvc.nets.engine.ByteImages;
import dev.fgvc.nets.engine.ClassSums;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.torch.runtime.BatchStaging;
import dev.fgvc.nets.engine.torch.runtime.TorchTensors;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/** Class sums in a tensor on the device. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class TorchClassSums implements ClassSums {

  private final TorchNetwork network;
  private final Device device;
  private final BatchStaging staging;
  private final Tensor sums;

  TorchClassSums(TorchNetwork network, Device device, int classes) {
    this.network = network;
    this.device = device;
    this.staging = new BatchStaging(device);
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope scope = new PointerScope()) {
      long[] shape = {classes, network.featureDimension()};
      Tensor zeros = torch.zeros(shape, new TensorOptions(ScalarType.Double));
      sums = TorchTensors.to(zeros, device).retainReference();
    }
  }

  @Override
  public void add(ByteImages images, int[] labels) {
    compute(
        () -> {
          staging.pass(
              images,
              labels,
              (pixels, classes) ->
                  sums.index_add_(
                      0,
                      classes,
                      network.features(pixels, images.normalization()).to(ScalarType.Double)));
          return true;
        });
  }

  @Override
  public FMatrixRMaj means(double[] counts) {
    return compute(
        () ->
            TorchTensors.matrix(
                divided(counts).to(ScalarType.Float), counts.length, network.featureDimension()));
  }

  @Override
  public DMatrixRMaj distances(double[] counts, FMatrixRMaj targets) {
    return compute(
        () -> TorchDistances.between(divided(counts), TorchDistances.points(targets, device)));
  }

  private Tensor divided(double[] counts) {
    return sums.div(TorchTensors.doubles(counts, device).unsqueeze(1));
  }

  private <T> T compute(Supplier<T> work) {
    return network.whileOpen(
        () -> {
          try (InferenceMode mode = new InferenceMode(true);
              PointerScope scope = new PointerScope()) {
            return work.get();
          }
        });
  }

  @Override
  public void close() {
    staging.close(); // waits for what is still computed
    sums.releaseReference();
  }
}
