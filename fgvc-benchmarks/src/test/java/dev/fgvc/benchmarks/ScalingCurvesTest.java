package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScalingCurvesTest {

  @TempDir Path folder;

  @Test
  void findsTheExponentThatWasPutIn() {
    List<Double> sizes = List.of(10.0, 20.0, 50.0, 400.0);
    PowerLaw law = PowerLaw.fit(sizes, sizes.stream().map(x -> 3 * Math.pow(x, 1.7)).toList());
    assertThat(law.exponent()).isCloseTo(1.7, within(1e-9));
    assertThat(law.factor()).isCloseTo(3, within(1e-9));
  }

  @Test
  void fitsNothingToOneSizeOrToZeros() {
    assertThatThrownBy(() -> PowerLaw.fit(List.of(2.0, 2.0), List.of(1.0, 1.0)))
        .hasMessageContaining("two different sizes");
    assertThatThrownBy(() -> PowerLaw.fit(List.of(2.0, 3.0), List.of(1.0, 0.0)))
        .hasMessageContaining("no logarithm");
  }

  @Test
  void writesAPictureAndNumbersOfEachCurve() throws Exception {
    ScalingCurves.main(new String[] {"folder=" + folder, "curve=emd", "largest=160"});
    for (String picture : List.of("emd.svg", "emd-memory.svg")) {
      assertThat(Files.readString(folder.resolve(picture))).contains("<svg", "<path", "</svg>");
    }
    JsonArray curves =
        JsonParser.parseString(Files.readString(folder.resolve("scaling.json"))).getAsJsonArray();
    assertThat(curves).hasSize(1);
    assertThat(curves.get(0).getAsJsonObject().getAsJsonArray("points")).hasSize(4);
  }

  @Test
  void everyOtherCurveCanBeMeasured() throws Exception {
    for (String name : List.of("emd-streamed", "emd-images", "batch", "resolution")) {
      List<ScalingCurve> curves =
          ScalingCurves.measure(
              ScalingCurves.settings("curve=" + name, "largest=80", "side=96", "width=0.125"));
      assertThat(curves).hasSize(1);
      assertThat(curves.get(0).points()).allMatch(point -> point.seconds() > 0);
    }
  }

  @Test
  void seesAPeakOnlySinceTheLastReset() {
    assumeThat(ResidentPeak.bytes()).as("the system tells its peak").isPresent();
    ResidentPeak.reset();
    long before = ResidentPeak.bytes().orElseThrow();
    java.nio.ByteBuffer block = java.nio.ByteBuffer.allocateDirect(64 << 20);
    for (int k = 0; k < block.capacity(); k += 1024) {
      block.put(k, (byte) 1);
    }
    assertThat(ResidentPeak.bytes().orElseThrow() - before).isGreaterThan(50 << 20);
  }

  @Test
  void refusesCurvesThatDoNotExist() {
    assertThatThrownBy(() -> ScalingCurves.measure(ScalingCurves.settings("curve=emdd")))
        .hasMessageContaining("emdd")
        .hasMessageContaining("emd-images");
    assertThatThrownBy(() -> ScalingCurves.measure(ScalingCurves.settings("curve=emd", "runs=0")))
        .hasMessageContaining("runs=0");
  }
}
