package dev.fgvc.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Public, unlike other tests, as its nested types are the example. */
public class PublicApiTest {

  private static final Predicate<String> HERE = name -> name.equals("dev.fgvc.testing");

  /** Users can name it. */
  public interface Seen {}

  /** Users cannot. */
  static final class Hidden {

    private Hidden() {}

    /** Nor this one, as it is inside. */
    public interface Within {}
  }

  @Test
  void listsWhatUsersCanName() throws IOException {
    Runnable anonymous =
        new Runnable() {
          @Override
          public void run() {}
        };
    List<String> types = PublicApi.types(anonymous.getClass(), HERE);
    assertThat(types).isSorted().contains(PublicApi.class.getName(), Seen.class.getName());
    assertThat(types)
        .doesNotContain(
            Hidden.class.getName(), Hidden.Within.class.getName(), anonymous.getClass().getName());
    assertThat(PublicApi.types(PublicApi.class, name -> false)).isEmpty();
  }

  @Test
  void aTypeThatIsNotListedFails() {
    assertThatThrownBy(
            () -> PublicApi.check(PublicApiTest.class, "public-api.txt", PublicApi.class, HERE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("change public-api.txt")
        .hasMessageContaining("dev.fgvc.testing.SharedFiles");
  }

  @Test
  void aListThatIsNotThereFails() {
    assertThatThrownBy(
            () -> PublicApi.check(PublicApiTest.class, "none.txt", PublicApi.class, HERE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("none.txt");
  }
}
