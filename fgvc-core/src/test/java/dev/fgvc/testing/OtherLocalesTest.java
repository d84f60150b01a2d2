package dev.fgvc.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.Charset;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The runs in other locales prove something only if the JVM has really taken them over. */
@InOtherLocales
class OtherLocalesTest {

  private static final Locale HERE = Locale.getDefault(Locale.Category.FORMAT);

  private static void assumeRunIn(String locale) {
    assumeTrue(locale.equals(System.getProperty("fgvc.locale")), "not the run in " + locale);
    assertThat(HERE.toLanguageTag()).isEqualTo(locale);
  }

  @Test
  void numbersHaveArabicDigitsInEgypt() {
    assumeRunIn("ar-EG");
    assertThat(String.format(HERE, "checkpoint-%04d, %.1f", 2018, 0.5))
        .isEqualTo("checkpoint-\u0662\u0660\u0661\u0668, \u0660\u066b\u0665");
  }

  @Test
  void smallAndCapitalLettersAreOthersInTurkey() {
    assumeRunIn("tr-TR");
    assertThat("INCEPTION".toLowerCase(HERE)).isEqualTo("\u0131ncept\u0131on");
    assertThat("resize".toUpperCase(HERE)).isEqualTo("RES\u0130ZE");
    assertThat(String.format(HERE, "%.1f", 0.5)).isEqualTo("0,5");
    assertThat(Charset.defaultCharset()).isEqualTo(Charset.forName("ISO-8859-9"));
  }
}
