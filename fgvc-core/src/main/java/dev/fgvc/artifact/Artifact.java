package dev.fgvc.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Optional;
import java.util.Properties;

/**
 * A Maven artifact.
 *
 * @param group such as {@code org.bytedeco}
 * @param name such as {@code opencv}
 * @param version that this library was tested with
 * @param classifier of a native library the platform, such as {@code linux-x86_64}; empty for none
 */
public record Artifact(String group, String name, String version, String classifier) {

  /**
   * An artifact in the version that this library was tested with.
   *
   * @param module group and name, as {@code org.bytedeco:opencv}
   * @return the artifact, without a classifier
   * @throws IllegalArgumentException if this library does not use the module
   */
  public static Artifact of(String module) {
    int colon = module.indexOf(':');
    String name = module.substring(colon + 1);
    String version =
        properties(Artifact.class.getResource("versions.properties")).getProperty(name);
    if (colon < 1 || version == null) {
      throw new IllegalArgumentException("'" + module + "' is no module that this library uses");
    }
    return new Artifact(module.substring(0, colon), name, version, "");
  }

  /**
   * The same with a classifier.
   *
   * @param platform such as {@code linux-x86_64}
   * @return another artifact
   */
  public Artifact withClassifier(String platform) {
    return new Artifact(group, name, version, platform);
  }

  /**
   * The version that a class loader finds, as far as the artifact's jar tells it.
   *
   * @param loader that would load the artifact's classes
   * @return the version of the artifact without classifier; empty if it is absent or says nothing
   */
  public Optional<String> versionIn(ClassLoader loader) {
    return Optional.ofNullable(
            loader.getResource("META-INF/maven/" + group + "/" + name + "/pom.properties"))
        .map(file -> properties(file).getProperty("version"));
  }

  private static Properties properties(URL file) {
    Properties properties = new Properties();
    try (InputStream stream = file.openStream()) {
      properties.load(stream);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }

  /**
   * The coordinates in one word.
   *
   * @return {@code group:name:version}, and {@code :classifier} where there is one, as Gradle
   *     writes it
   */
  public String coordinates() {
    return group + ":" + name + ":" + version + (classifier.isEmpty() ? "" : ":" + classifier);
  }

  /**
   * The element to add to the dependencies of a Maven POM.
   *
   * @return one line
   */
  public String maven() {
    return "<dependency><groupId>"
        + group
        + "</groupId><artifactId>"
        + name
        + "</artifactId><version>"
        + version
        + "</version>"
        + (classifier.isEmpty() ? "" : "<classifier>" + classifier + "</classifier>")
        + "</dependency>";
  }

  /**
   * The line to add to the dependencies of a Gradle build.
   *
   * @return one line, for Kotlin and Groovy alike
   */
  public String gradle() {
    return (classifier.isEmpty() ? "implementation" : "runtimeOnly")
        + "(\""
        + coordinates()
        + "\")";
  }

  /** The coordinates, with the classifier as words. */
  @Override
  public String toString() {
    return group
        + ":"
        + name
        + ":"
        + version
        + (classifier.isEmpty() ? "" : " with the classifier " + classifier);
  }
}
