package dev.fgvc.benchmarks;

import dev.fgvc.testing.PublicApi;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PublicTypesTest {

  @Test
  void publicTypesAreThoseOnTheList() throws IOException {
    PublicApi.check(
        PublicTypesTest.class,
        "public-api.txt",
        ScalingCurves.class,
        name -> !name.endsWith(".jmh_generated"));
  }
}
