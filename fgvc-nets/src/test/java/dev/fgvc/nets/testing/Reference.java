package dev.fgvc.nets.testing;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.fgvc.testing.NpyFloats;
import dev.fgvc.testing.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;

/** Results of the authors' own code, where they are at hand; tests without them are skipped. */
public final class Reference {

  private Reference() {}

  /** A JSON file of the reference networks. */
  public static JsonObject json(String name) throws IOException {
    return JsonParser.parseString(Files.readString(SharedFiles.require("fixtures/slim/" + name)))
        .getAsJsonObject();
  }

  /** The values of a little-endian float32 npy file, in C order. */
  public static float[] npy(String name) throws IOException {
    return NpyFloats.read(SharedFiles.require("fixtures/" + name));
  }

  /** The Euclidean norm of the difference over that of the reference. */
  public static double relativeError(float[] actual, float[] reference) {
    if (actual.length != reference.length) {
      throw new IllegalArgumentException(actual.length + " values against " + reference.length);
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < actual.length; i++) {
      difference += (actual[i] - reference[i]) * (double) (actual[i] - reference[i]);
      norm += reference[i] * (double) reference[i];
    }
    return Math.sqrt(difference / norm);
  }
}
