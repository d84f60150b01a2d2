#!/usr/bin/env bash
# XChart 4.0.3: a logarithmic axis from 24 to 80 has no number on it.
#
# Only powers of ten are labelled. Class sizes of a small data set lie between two of them.
# Guess before the run: labels at 30, 50 and the like, or at least the ends.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in org.knowm.xchart:xchart:4.0.3 de.erichseifert.vectorgraphics2d:VectorGraphics2D:0.13; do
    IFS=: read -r group name version classifier <<<"$artifact"
    echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version>"
    [ -z "$classifier" ] || echo "<classifier>$classifier</classifier>"
    echo '</dependency>'
  done
  echo '</dependencies></project>'
} > pom.xml
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.9.0
mvn -B -ntp -q $plugin:build-classpath -Dmdep.outputFile=classpath > mvn.log || { cat mvn.log; exit 1; }

cat > Probe.java <<'JAVA'
import java.util.Set;
import java.util.TreeSet;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

class Probe {
  public static void main(String[] none) {
    for (double largest : new double[] {80, 800}) {
      XYChart chart = new XYChartBuilder().width(400).height(300).build();
      chart.getStyler().setYAxisLogarithmic(true);
      Set<Integer> labels = new TreeSet<>();
      chart.getStyler().setyAxisTickLabelsFormattingFunction(
          value -> {
            labels.add((int) Math.round(value));
            return "" + Math.round(value);
          });
      chart.addSeries("images", new double[] {1, 2, 3}, new double[] {largest, 50, 24});
      BitmapEncoder.getBufferedImage(chart);
      labels.removeIf(value -> value < 24 || value > largest);
      System.out.println("24 to " + (int) largest + ": " + labels);
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
24 to 80: []
24 to 800: [100]
EXPECTED
echo "unchanged: org.knowm.xchart:xchart:4.0.3 de.erichseifert.vectorgraphics2d:VectorGraphics2D:0.13"
