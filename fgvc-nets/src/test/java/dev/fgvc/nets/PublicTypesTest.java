package dev.fgvc.nets;

import dev.fgvc.nets.arch.NetworkGraph;
import dev.fgvc.testing.PublicApi;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PublicTypesTest {

  @Test
  void publicTypesAreThoseOnTheList() throws IOException {
    PublicApi.check(
        PublicTypesTest.class,
        "public-api.txt",
        NetworkGraph.class,
        name -> !name.startsWith("dev.fgvc.nets.engine.torch."));
  }
}
