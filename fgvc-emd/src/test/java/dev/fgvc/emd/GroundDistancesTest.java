package dev.fgvc.emd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
