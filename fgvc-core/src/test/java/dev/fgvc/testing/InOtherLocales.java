package dev.fgvc.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Marks tests of names, numbers and texts in files and messages. The build runs them once more with
 * Arabic digits and once more with the Turkish alphabet, see the executions of Surefire in the
 * parent POM.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@Tag("locales")
public @interface InOtherLocales {}
