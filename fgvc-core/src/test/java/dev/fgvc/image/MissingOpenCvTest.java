package dev.fgvc.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MissingOpenCvTest {

  @TempDir Path folder;

  @Test
  void namesTheDependencyThatIsMissing() throws Exception {
    Path file = SampleImages.write(folder.resolve("a.jpg"), 20, 20);
    URL classes = CentralCrop.class.getProtectionDomain().getCodeSource().getLocation();
    // Sees this library and the JDK, but no OpenCV.
    try (URLClassLoader bare =
        new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
      Class<?> resolution = bare.loadClass("dev.fgvc.image.Resolution");
      Class<?> crop = bare.loadClass("dev.fgvc.image.CentralCrop");
      Object size = resolution.getMethod("square", int.class).invoke(null, 8);
      Object transform = crop.getMethod("of", resolution).invoke(null, size);
      Method apply = crop.getMethod("apply", Path.class, RandomGenerator.class, FloatBuffer.class);
      Throwable thrown = null;
      try {
        apply.invoke(transform, file, new SplittableRandom(1), FloatBuffer.allocate(192));
      } catch (InvocationTargetException e) {
        thrown = e.getCause();
      }

      assertThat(thrown)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("org.bytedeco:opencv")
          .hasMessageContaining("linux-x86_64");
    }
  }
}
