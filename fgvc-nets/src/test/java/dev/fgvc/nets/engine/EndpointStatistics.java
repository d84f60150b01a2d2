package dev.fgvc.nets.engine;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.fgvc.nets.arch.MapShape;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.data.Offset;
import org.ejml.data.FMatrixRMaj;

/**
 * Statistics of an end point in the reference files: shape, mean, deviation, first and last values.
 */
record EndpointStatistics(
    List<Integer> shape, double mean, double deviation, float[] first, float[] last) {

  private static final int ENDS = 4;
  private static final double TOLERANCE = 1e-4;

  /**
   * Computes the statistics of a batch of activations; shape and order of the values are those of
   * NHWC.
   */
  static EndpointStatistics of(FMatrixRMaj maps, MapShape map) {
    double sum = 0;
    double squares = 0;
    for (float value : maps.data) {
      sum += value;
      squares += (double) value * value;
    }
    double mean = sum / maps.data.length;
    float[] first = new float[ENDS];
    float[] last = new float[ENDS];
    int cells = map.height() * map.width();
    for (int i = 0; i < ENDS; i++) {
      first[i] = maps.data[i * cells];
      last[i] = maps.data[maps.data.length - 1 - (ENDS - 1 - i) * cells];
    }
    return new EndpointStatistics(
        List.of(maps.numRows, map.height(), map.width(), map.channels()),
        mean,
        Math.sqrt(squares / maps.data.length - mean * mean),
        first,
        last);
  }

  void compareWith(JsonObject reference, String name, SoftAssertions softly) {
    JsonArray expected = reference.getAsJsonArray("shape");
    softly
        .assertThat(shape.toString().replace(" ", ""))
        .as(name)
        .isEqualTo(expected.toString().replaceFirst("^\\[2,(\\d+)]$", "[2,1,1,$1]"));
    double wantedDeviation = reference.get("std").getAsDouble();
    Offset<Double> offset = Offset.offset(TOLERANCE * wantedDeviation);
    softly.assertThat(deviation).as(name + " std").isCloseTo(wantedDeviation, offset);
    softly
        .assertThat(mean)
        .as(name + " mean")
        .isCloseTo(reference.get("mean").getAsDouble(), offset);
    compare(first, reference.getAsJsonArray("first"), name + " first", softly, wantedDeviation);
    compare(last, reference.getAsJsonArray("last"), name + " last", softly, wantedDeviation);
  }

  private static void compare(
      float[] values, JsonArray expected, String what, SoftAssertions softly, double scale) {
    for (int i = 0; i < ENDS; i++) {
      softly
          .assertThat(values[i])
          .as(what + " " + i)
          .isCloseTo(expected.get(i).getAsFloat(), Offset.offset((float) (TOLERANCE * scale)));
    }
  }
}
