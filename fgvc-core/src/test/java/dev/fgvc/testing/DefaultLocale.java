package dev.fgvc.testing;

import java.util.Locale;
import java.util.concurrent.Callable;

/** The locale that a JVM takes for whatever names none. */
public final class DefaultLocale {

  private DefaultLocale() {}

  /**
   * Does something in a process of another locale; no other test runs meanwhile.
   *
   * @param locale the default locale meanwhile
   * @param work what is done
   * @param <T> what it gives
   * @return what the work gave
   * @throws Exception from the work
   */
  public static <T> T during(Locale locale, Callable<T> work) throws Exception {
    Locale before = Locale.getDefault();
    Locale.setDefault(locale);
    try {
      return work.call();
    } finally {
      Locale.setDefault(before);
    }
  }
}
