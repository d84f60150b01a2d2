package dev.fgvc.feature;

import static com.google.common.base.Strings.lenientFormat;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The classes of images from a vector of labels, whatever their type: whole numbers from any start
 * and with any gaps, booleans, whole floating-point numbers, texts. The labels that occur, in
 * ascending order, become the classes 0, 1, 2 and so on, each named by its label.
 *
 * @param classOf the class of each image
 * @param names the label of each class as text
 */
record NpyLabels(int[] classOf, List<String> names) {

  /** From here on, a double does not tell a whole number from the next. */
  private static final double INEXACT = 0x1p53;

  static NpyLabels read(NpyFile file) throws IOException {
    if (file.columns() != 1 && file.rows() != 1) {
      throw file.error(
          String.format(
              Locale.ROOT,
              "expected a vector of labels, found a %dx%d matrix",
              file.rows(),
              file.columns()));
    }
    return file.isText() ? ofTexts(file) : ofNumbers(file);
  }

  private static NpyLabels ofNumbers(NpyFile file) throws IOException {
    double[] labels = file.numbers();
    for (int i = 0; i < labels.length; i++) {
      labels[i] = checked(labels[i], i, file);
    }
    double[] distinct = distinct(labels);
    int[] classOf = new int[labels.length];
    Arrays.setAll(classOf, i -> Arrays.binarySearch(distinct, labels[i]));
    List<String> names = new ArrayList<>(distinct.length);
    for (double label : distinct) {
      names.add(Long.toString((long) label));
    }
    return new NpyLabels(classOf, List.copyOf(names));
  }

  /** In ascending order. */
  private static double[] distinct(double[] labels) {
    double[] sorted = labels.clone();
    Arrays.sort(sorted);
    int count = 0;
    for (double label : sorted) {
      if (count == 0 || sorted[count - 1] != label) {
        sorted[count++] = label;
      }
    }
    return Arrays.copyOf(sorted, count);
  }

  private static double checked(double label, int image, NpyFile file) {
    if (label != Math.rint(label) || Double.isInfinite(label)) {
      throw file.error(lenientFormat("label %s of image %s: must be a whole number", label, image));
    }
    if (label < 0 || label >= INEXACT) {
      throw file.error(
          lenientFormat(
              "label %s of image %s: must be from 0 to 2^53 - 1",
              new BigDecimal(label).toPlainString(), image));
    }
    return label + 0.0; // not -0
  }

  private static NpyLabels ofTexts(NpyFile file) throws IOException {
    Map<String, Integer> numbers = new HashMap<>();
    int[] firstSeen = file.texts(text -> numbers.computeIfAbsent(text, t -> numbers.size()));
    int[] classOfNumber = new int[numbers.size()];
    List<String> names = new ArrayList<>(numbers.size());
    for (Map.Entry<String, Integer> each : new TreeMap<>(numbers).entrySet()) {
      classOfNumber[each.getValue()] = names.size();
      names.add(each.getKey());
    }
    int[] classOf = Arrays.stream(firstSeen).map(number -> classOfNumber[number]).toArray();
    return new NpyLabels(classOf, List.copyOf(names));
  }
}
