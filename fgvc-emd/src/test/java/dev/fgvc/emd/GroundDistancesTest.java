package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.google.common.base.Suppliers;
import dev.fgvc.emd.testing.Instances;
import dev.fgvc.natives.NativeArtifact;
import dev.fgvc.natives.NativeLibrary;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.FMatrixRMaj;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroundDistancesTest {

  @Nested
  class OnEjml extends EuclideanContract {
    OnEjml() {
      super(GroundDistances.ejml());
    }
  }

  @Nested
  class OnNd4j extends EuclideanContract {
    OnNd4j() {
      super(GroundDistances.nd4j());
    }
  }

  @Nested
  class InSinglePrecision extends EuclideanContract {
    InSinglePrecision() {
      super(
          GroundDistancesTest::singlePrecision,
          dimension -> 3e-7 * (Math.min(dimension, 126) + dimension / 126 + 16));
    }
  }

  private static DMatrixRMaj singlePrecision(FMatrixRMaj source, FMatrixRMaj target) {
    FMatrixRMaj distances = GroundDistances.singlePrecision(source, target);
    DMatrixRMaj doubles = new DMatrixRMaj(distances.numRows, distances.numCols);
    for (int k = 0; k < distances.getNumElements(); k++) {
      doubles.data[k] = distances.data[k];
    }
    return doubles;
  }

  /** Where squares leave the range of floats, on either side. */
  @ParameterizedTest
  @ValueSource(floats = {1e37f, 1e30f, 1e-30f, 1e-36f})
  void singlePrecisionKeepsToItsPromiseForCoordinatesOfAnySize(float size) {
    Random random = new Random(10);
    FMatrixRMaj a = Instances.gaussianPoints(20, 16, random);
    FMatrixRMaj b = Instances.gaussianPoints(30, 16, random);
    for (FMatrixRMaj points : new FMatrixRMaj[] {a, b}) {
      for (int k = 0; k < points.getNumElements(); k++) {
        points.data[k] *= size;
      }
    }
    DMatrixRMaj single = singlePrecision(a, b);
    DMatrixRMaj exact = GroundDistances.ejml().between(a, b);
    for (int k = 0; k < exact.getNumElements(); k++) {
      assertThat(single.data[k] / exact.data[k]).isCloseTo(1, within(3e-7 * 32));
    }
  }

  @Test
  void singlePrecisionIsUsuallyBetterThanItPromises() {
    Random random = new Random(11);
    FMatrixRMaj a = Instances.gaussianPoints(40, 2048, random);
    FMatrixRMaj b = Instances.gaussianPoints(50, 2048, random);
    DMatrixRMaj single = singlePrecision(a, b);
    DMatrixRMaj exact = GroundDistances.ejml().between(a, b);
    for (int k = 0; k < exact.getNumElements(); k++) {
      assertThat(single.data[k] / exact.data[k]).isCloseTo(1, within(1e-6));
    }
  }

  @Test
  void bothGiveTheSameDistances() {
    Random random = new Random(8);
    FMatrixRMaj a = Instances.gaussianPoints(70, 33, random);
    FMatrixRMaj b = Instances.gaussianPoints(90, 33, random);
    DMatrixRMaj ejml = GroundDistances.ejml().between(a, b);
    DMatrixRMaj nd4j = GroundDistances.nd4j().between(a, b);
    for (int k = 0; k < ejml.getNumElements(); k++) {
      assertThat(Math.abs(nd4j.data[k] - ejml.data[k])).isLessThan(1e-12 * ejml.data[k]);
    }
  }

  @Test
  void withoutNd4jTheErrorNamesTheArtifact() throws Exception {
    URL[] path = {
      location(GroundDistances.class),
      location(NativeLibrary.class),
      location(Suppliers.class),
      location(DMatrixRMaj.class)
    };
    // Sees this library, Guava, EJML and the JDK, but neither ND4J nor JavaCPP.
    try (URLClassLoader bare = new URLClassLoader(path, ClassLoader.getPlatformClassLoader())) {
      Method nd4j = bare.loadClass("dev.fgvc.emd.GroundDistances").getMethod("nd4j");
      assertThatThrownBy(() -> nd4j.invoke(null))
          .cause()
          .hasMessageContaining(NativeArtifact.ND4J_NATIVE.binding().toString())
          .hasMessageContaining(NativeArtifact.ND4J_NATIVE.library().toString())
          .extracting(error -> error.getClass().getSimpleName())
          .isEqualTo("MissingArtifactException");
    }
  }

  private static URL location(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
