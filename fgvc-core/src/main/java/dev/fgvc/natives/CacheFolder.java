package dev.fgvc.natives;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/** The folder into which JavaCPP unpacks native libraries. */
final class CacheFolder {

  private static final String PROPERTY = "org.bytedeco.javacpp.cachedir";

  private CacheFolder() {}

  /**
   * Makes it where it is missing. JavaCPP itself would take another folder if a second process made
   * this one at the same moment.
   *
   * @return the folder; empty if none can be written to, so that nothing is unpacked
   */
  static Optional<Path> find() {
    try {
      Files.createDirectories(preferred());
    } catch (IOException e) {
      // JavaCPP goes on to its next choice.
    }
    try {
      return Optional.of(Loader.getCacheDir().toPath());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Path preferred() {
    return Stream.of(PROPERTY, "org.bytedeco.javacpp.cacheDir")
        .map(System::getProperty)
        .filter(Objects::nonNull)
        .map(Path::of)
        .findFirst()
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".javacpp", "cache"));
  }
}
