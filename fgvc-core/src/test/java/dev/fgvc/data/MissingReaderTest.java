package dev.fgvc.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Preconditions;
import dev.fgvc.artifact.Artifact;
import dev.fgvc.artifact.MissingArtifactException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** This library and the JDK alone, without the readers that a user adds if he needs them. */
class MissingReaderTest {

  @TempDir Path folder;

  @Test
  void namesTheReaderOfMatlabFilesThatIsMissing() throws Exception {
    Miniature.flowers(folder);
    assertThat(failure("FLOWERS_102"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(
            "add to the class path " + Artifact.of("us.hebi.matlab.mat:mfl-core").coordinates())
        .extracting(failure -> failure.getClass().getName())
        .isEqualTo(MissingArtifactException.class.getName());
  }

  @Test
  void namesTheReaderOfJsonThatIsMissing() throws Exception {
    Miniature.iNaturalist(folder, 1, 1);
    assertThat(failure("INATURALIST_2017"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(
            "add to the class path " + Artifact.of("com.google.code.gson:gson").coordinates())
        .extracting(failure -> failure.getClass().getName())
        .isEqualTo(MissingArtifactException.class.getName());
  }

  @Test
  void readsTheOthersWithoutThem() throws Exception {
    Miniature.birds(folder);
    assertThat(failure("CUB_200_2011")).isNull();
  }

  private Throwable failure(String dataset) throws Exception {
    URL[] withGuava = {locationOf(OfficialDataset.class), locationOf(Preconditions.class)};
    try (URLClassLoader bare =
        new URLClassLoader(withGuava, ClassLoader.getPlatformClassLoader())) {
      Class<?> type = bare.loadClass("dev.fgvc.data.OfficialDataset");
      Object constant = type.getField(dataset).get(null);
      type.getMethod("read", Path.class).invoke(constant, folder);
      return null;
    } catch (InvocationTargetException e) {
      return e.getCause();
    }
  }

  private static URL locationOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
