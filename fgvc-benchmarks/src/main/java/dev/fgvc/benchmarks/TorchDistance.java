package dev.fgvc.benchmarks;

import dev.fgvc.emd.GroundDistance;
import dev.fgvc.nets.engine.Device;
import dev.fgvc.nets.engine.EngineException;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;

/**
 * Euclidean distances as sqrt(|a|^2 + |b|^2 - 2ab) with libtorch's matrix product in float64, on a
 * processor or a GPU. Copies there and back are part of it.
 */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
final class TorchDistance implements GroundDistance {

  private final String device;

  private TorchDistance(String device) {
    this.device = device;
  }

  static TorchDistance on(Device device) {
    return new TorchDistance(libtorchName(device));
  }

  /** What libtorch calls a device, or a clear skip where it is not there. */
  static String libtorchName(Device device) {
    Networks.engine("torch"); // loads libtorch, or says what is missing
    if (device.kind() == Device.Kind.CPU) {
      return "cpu";
    }
    int count = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
    if (device.index() >= count) {
      throw new SkippedBenchmark(
          "torch on cuda:" + device.index(),
          new EngineException("libtorch sees " + count + " CUDA devices"));
    }
    return "cuda:" + device.index();
  }

  @Override
  public DMatrixRMaj between(FMatrixRMaj source, FMatrixRMaj target) {
    try (InferenceMode mode = new InferenceMode(true);
        PointerScope scope = new PointerScope()) {
      Tensor rows = points(source);
      Tensor columns = points(target);
      Tensor centre = columns.mean(new long[] {0});
      rows.sub_(centre);
      columns.sub_(centre);
      Tensor squares =
          torch
              .mm(rows, columns.t())
              .mul_(new Scalar(-2))
              .add_(squares(rows).unsqueeze(1))
              .add_(squares(columns).unsqueeze(0));
      Tensor distances = squares.clamp_min_(new Scalar(0)).sqrt_().cpu().contiguous();
      DMatrixRMaj result = new DMatrixRMaj(source.numRows, target.numRows);
      new DoublePointer(distances.data_ptr_double()).get(result.data);
      return result;
    }
  }

  private Tensor points(FMatrixRMaj matrix) {
    float[] values = matrix.data;
    FloatPointer copy = new FloatPointer((long) matrix.numRows * matrix.numCols);
    copy.put(values, 0, matrix.numRows * matrix.numCols);
    return torch
        .from_blob(
            copy, new long[] {matrix.numRows, matrix.numCols}, new TensorOptions(ScalarType.Float))
        .to(new org.bytedeco.pytorch.Device(device), ScalarType.Double);
  }

  private static Tensor squares(Tensor points) {
    return points.mul(points).sum(1);
  }
}
