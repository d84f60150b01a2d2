#!/usr/bin/env bash
# XChart 4.0.3: an error bar of NaN is written into the SVG as coordinates named NaN.
#
# A missing value leaves a gap in a line, a missing error bar makes a file that is no valid SVG.
# Guess before the run: the bar is left out.
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
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

class Probe {
  public static void main(String[] none) throws Exception {
    for (double bar : new double[] {1, Double.NaN}) {
      XYChart chart = new XYChartBuilder().width(400).height(300).build();
      chart.addSeries("error", new double[] {1, 2, 3}, new double[] {8, 5, 2}, new double[] {1, bar, 1});
      var svg = new ByteArrayOutputStream();
      VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsFormat.SVG);
      System.out.println(bar + " " + svg.toString(StandardCharsets.UTF_8).contains("\"NaN\""));
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
1.0 false
NaN true
EXPECTED
echo "unchanged: org.knowm.xchart:xchart:4.0.3 de.erichseifert.vectorgraphics2d:VectorGraphics2D:0.13"
