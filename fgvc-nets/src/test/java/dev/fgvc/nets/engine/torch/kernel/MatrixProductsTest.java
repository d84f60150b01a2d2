package dev.fgvc.nets.engine.torch.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products in pieces beside those in double precision. */
@SuppressWarnings("try") // pointer scopes are opened for what their closing does
class MatrixProductsTest {

  @ParameterizedTest
  @CsvSource({
    "3, 4, 5", // small
    "8, 700, 301", // in pieces of columns, the last one narrower
    "301, 8, 700", // whose rows are long
    "1003, 300, 7", // in pieces of rows
    "1, 600000, 2", // a single result is more than a piece
    "513, 1, 513",
    "1, 1, 300000",
  })
  void piecesMakeTheWholeProduct(int rows, int inner, int columns) {
    try (PointerScope temporaries = new PointerScope()) {
      Tensor left = torch.randn(rows, inner);
      Tensor right = torch.randn(columns, inner).t(); // strided, as kernels are
      Tensor offsets = torch.randn(columns);

      requireClose(left, right, Optional.empty());
      requireClose(left, right.contiguous(), Optional.of(offsets));
      requireClose(left.t().contiguous().t(), right, Optional.of(offsets));
    }
  }

  private static void requireClose(Tensor left, Tensor right, Optional<Tensor> offsets) {
    Tensor product = MatrixProducts.multiply(left, right, offsets);

    Tensor expected = left.to(ScalarType.Double).mm(right.to(ScalarType.Double));
    offsets.ifPresent(expected::add_);
    assertThat(product.shape()).containsExactly(left.size(0), right.size(1));
    double error = product.to(ScalarType.Double).sub(expected).norm().item_double();
    double longest = left.norm().item_double() * right.norm().item_double(); // by Cauchy-Schwarz
    assertThat(error).isLessThan(1e-6 * longest);
  }
}
