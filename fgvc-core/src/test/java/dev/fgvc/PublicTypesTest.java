package dev.fgvc;

import dev.fgvc.data.Dataset;
import dev.fgvc.testing.PublicApi;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PublicTypesTest {

  @Test
  void publicTypesAreThoseOnTheList() throws IOException {
    PublicApi.check(PublicTypesTest.class, "public-api.txt", Dataset.class, name -> true);
  }
}
