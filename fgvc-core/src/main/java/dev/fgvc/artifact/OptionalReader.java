package dev.fgvc.artifact;

import java.util.List;

/** Libraries that read a file format and that only a user of such files adds. */
public enum OptionalReader {
  /** MATLAB files of Flowers-102, Stanford Cars and Stanford Dogs. */
  MATLAB("MATLAB files", "us.hebi.matlab.mat:mfl-core", "us/hebi/matlab/mat/format/Mat5.class"),
  /** JSON files of iNaturalist. */
  JSON("JSON files", "com.google.code.gson:gson", "com/google/gson/stream/JsonReader.class"),
  /** HDF5 files of Keras. */
  HDF5("Keras' HDF5 files", "io.jhdf:jhdf", "io/jhdf/HdfFile.class");

  private final String files;
  private final String module;
  private final String probe;

  OptionalReader(String files, String module, String probe) {
    this.files = files;
    this.module = module;
    this.probe = probe;
  }

  /**
   * Returns the kinds of file that it reads.
   *
   * @return a few words
   */
  public String files() {
    return files;
  }

  /**
   * The library.
   *
   * @return with its version
   */
  public Artifact artifact() {
    return Artifact.of(module);
  }

  /**
   * Whether a class loader finds it.
   *
   * @param loader of the classes that read such files
   * @return false if it is to be added
   */
  public boolean isIn(ClassLoader loader) {
    return loader.getResource(probe) != null;
  }

  /**
   * The failure of a reader that lacks this library.
   *
   * @param cause what the class loader said
   * @return to be thrown
   */
  public MissingArtifactException missing(NoClassDefFoundError cause) {
    return new MissingArtifactException(
        files + " cannot be read here (" + cause.getMessage() + " is missing)",
        List.of(artifact()),
        cause);
  }
}
