package dev.fgvc.emd;

import dev.fgvc.testing.PublicApi;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PublicTypesTest {

  @Test
  void publicTypesAreThoseOnTheList() throws IOException {
    PublicApi.check(
        PublicTypesTest.class,
        "public-api.txt",
        ExactEmd.class,
        name -> !name.startsWith("dev.fgvc.emd.internal"));
  }
}
