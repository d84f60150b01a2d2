package dev.fgvc.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Optional test material outside the repository: a test that needs an absent file is skipped. */
public final class SharedFiles {

  private SharedFiles() {}

  /**
   * The path of a shared file or folder.
   *
   * @param name the path below the shared folder, with forward slashes
   * @return the existing path; the calling test is skipped, with the missing path as the reason, if
   *     there is none
   */
  public static Path require(String name) {
    Path path =
        Path.of(System.getProperty("fgvc.shared", "../../shared")).resolve(name).normalize();
    assumeTrue(Files.exists(path), () -> "skipped: " + path + " is not there");
    return path;
  }
}
