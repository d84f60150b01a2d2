package dev.fgvc.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fgvc.image.Resolution;
import dev.fgvc.nets.arch.Architecture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rounds=x            | rounds=x: must be a whole number, such as 3
          rounds=             | rounds=: must be a whole number, such as 3
          rounds=3000000000   | rounds=3000000000: must be a whole number, such as 3
          width=wide          | width=wide: must be a number, such as 0.25
          width=NaN           | width=NaN: must be a number, such as 0.25
          photo=375           | photo=375: must be HEIGHTxWIDTH, such as 375x500, each from 1 to 16384
          photo=375x          | photo=375x: must be HEIGHTxWIDTH, such as 375x500, each from 1 to 16384
          photo=375x500x3     | photo=375x500x3: must be HEIGHTxWIDTH, such as 375x500, each from 1 to
          photo=0x500         | photo=0x500: must be HEIGHTxWIDTH, such as 375x500, each from 1 to
          photo=3x99999999999 | photo=3x99999999999: must be HEIGHTxWIDTH, such as 375x500, each from
          side=20000          | side=20000: must be from 1 to 16384
          side=0              | side=0: at least 1
          network=resnet      | network=resnet: must be one of [RESNET_V2_50, RESNET_V2_101,
          """)
  void saysHowAValueIsWritten(String argument, String message) {
    Settings settings = Settings.parse(List.of(argument));

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> {
              switch (argument.substring(0, argument.indexOf('='))) {
                case "rounds" -> settings.number("rounds");
                case "width" -> settings.decimal("width");
                case "photo" -> settings.size("photo");
                case "side" -> settings.square("side");
                default -> settings.architecture("network");
              }
            })
        .withMessageStartingWith(message);
  }

  @Test
  void readsValuesOfEachForm() {
    Settings settings =
        Settings.parse(
            List.of("rounds=-3", "width=0.25", "photo=375x500", "side=96", "network=RESNET_V2_50"));

    assertThat(settings.number("rounds")).isEqualTo(-3);
    assertThat(settings.decimal("width")).isEqualTo(0.25);
    assertThat(settings.size("photo")).isEqualTo(new Resolution(375, 500));
    assertThat(settings.square("side")).isEqualTo(Resolution.square(96));
    assertThat(settings.architecture("network")).isEqualTo(Architecture.RESNET_V2_50);
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
