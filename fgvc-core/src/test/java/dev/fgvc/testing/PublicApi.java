package dev.fgvc.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The public types of a module, compared with a list that stands among its test resources: so no
 * type becomes public, and none disappears, without a line of the list that says so.
 */
public final class PublicApi {

  private PublicApi() {}

  /**
   * Compares a module's public types with a list.
   *
   * @param test a class of the module's tests, beside whose package the list stands
   * @param list the resource's name: one type a line, ascending, as {@link Class#getName} writes it
   * @param anyType some class of the module
   * @param isExported whether users may name a package
   */
  public static void check(
      Class<?> test, String list, Class<?> anyType, Predicate<String> isExported)
      throws IOException {
    try (InputStream lines = test.getResourceAsStream(list)) {
      assertThat(lines).as("resource %s beside %s", list, test.getName()).isNotNull();
      assertThat(types(anyType, isExported))
          .as("public types; where one is meant to come or go, change %s", list)
          .containsExactlyElementsOf(
              new String(lines.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
  }

  /** The names of all public types, nested ones too, in order. */
  static List<String> types(Class<?> anyType, Predicate<String> isExported) throws IOException {
    Path classes = folder(anyType);
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .map(file -> classes.relativize(file).toString().replace('\\', '/'))
          .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
          .filter(name -> isExported.test(name.substring(0, name.lastIndexOf('.'))))
          .filter(name -> isPublic(name, anyType.getClassLoader()))
          .sorted()
          .toList();
    }
  }

  private static boolean isPublic(String name, ClassLoader loader) {
    Class<?> type;
    try {
      type = Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
    if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
      return false;
    }
    for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
      if (!Modifier.isPublic(outer.getModifiers())) {
        return false;
      }
    }
    return true;
  }

  private static Path folder(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
