package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

  private static final Map<String, String> DEFAULTS = Map.of("rounds", "3", "folder", "out");

  @Test
  void whatIsNotGivenHasItsDefault() {
    Settings settings = Settings.parse(DEFAULTS, "folder=a=b");

    assertThat(settings.number("rounds")).isEqualTo(3);
    assertThat(settings.text("folder")).isEqualTo("a=b");
    assertThat(settings.text("other", "default")).isEqualTo("default");
  }

  @Test
  void anotherProcessReadsWhatThisOneHandsOn() {
    Settings settings = Settings.parse(DEFAULTS, "rounds=7").with("round", 2);

    assertThat(Settings.parse(settings.arguments())).isEqualTo(settings);
    assertThat(settings.arguments()).containsExactly("folder=out", "round=2", "rounds=7");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Settings.parse(DEFAULTS, "round=7"))
        .withMessage("no setting is called round; there are [folder, rounds]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Settings.parse(List.of("rounds")))
        .withMessage("'rounds' is not NAME=VALUE");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Settings.parse(DEFAULTS).text("other"))
        .withMessageStartingWith("the setting other=... is missing");
  }
}
