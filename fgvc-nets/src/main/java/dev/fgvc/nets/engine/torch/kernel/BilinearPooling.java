package dev.fgvc.nets.engine.torch.kernel;

import dev.fgvc.nets.arch.Operation;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Bilinear pooling, and what follows it in a head, in float32 whatever the type of the activations.
 * Tensors belong to the pointer scope that is open; autograd can differentiate them.
 */
final class BilinearPooling {

  private BilinearPooling() {}

  /** The mean of x x^T over the cells x of each image, [n, c * c, 1, 1]. */
  static Tensor pool(Tensor input) {
    long channels = input.size(1);
    Tensor cells = cells(input);
    Tensor means = cells.transpose(1, 2).bmm(cells).div(new Scalar((double) cells.size(1)));
    return means.reshape(input.size(0), channels * channels, 1, 1).to(input.scalar_type());
  }

  /** The channels of each cell in float32, [n, h * w, c]; a view if they are. */
  static Tensor cells(Tensor input) {
    return input.permute(0, 2, 3, 1).reshape(input.size(0), -1, input.size(1)).to(ScalarType.Float);
  }

  static Tensor signedSquareRoot(Tensor input, Operation.SignedSquareRoot operation) {
    Tensor values = input.to(ScalarType.Float);
    Tensor roots = values.abs().add(new Scalar(operation.epsilon())).sqrt();
    return values
        .div(roots.add(new Scalar(Math.sqrt(operation.epsilon()))))
        .to(input.scalar_type());
  }

  static Tensor l2Normalization(Tensor input, Operation.L2Normalization operation) {
    Tensor values = input.to(ScalarType.Float);
    Tensor squares = values.square().sum(new long[] {1}, true, new ScalarTypeOptional());
    return values.div(squares.add(new Scalar(operation.epsilon())).sqrt()).to(input.scalar_type());
  }
}
