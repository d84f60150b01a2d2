#!/usr/bin/env bash
# Spark 4.2.0: the image data source keeps the lower byte of each sample of a 16-bit grey PNG.
#
# Samples of 0, 256, 512 and so on, from black to white, are all read as 0; a smooth ramp becomes noise. 16-bit colour
# is scaled to 8 bits, and 8-bit grey kept as it is. Scans and depth images have 16 bits.
# Guess before the run: the upper byte, with a suspicion of the lower.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in org.scala-lang:scala-library:2.13.18 org.apache.spark:spark-mllib_2.13:4.2.0; do
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
import java.awt.image.BufferedImage;
import java.io.File;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import org.apache.spark.sql.SparkSession;

class Probe {
  public static void main(String[] none) throws java.io.IOException {
    new File("photos").mkdir();
    for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
      BufferedImage ramp = new BufferedImage(256, 1, type);
      for (int x = 0; x < 256; x++) {
        ramp.getRaster().setSample(x, 0, 0, type == BufferedImage.TYPE_BYTE_GRAY ? x : 256 * x);
      }
      ImageIO.write(ramp, "png", new File("photos/" + ramp.getSampleModel().getSampleSize(0) + ".png"));
    }
    try (SparkSession spark =
        SparkSession.builder().master("local[1]").config("spark.ui.enabled", "false").getOrCreate()) {
      for (int bits : new int[] {8, 16}) {
        byte[] read = (byte[]) spark.read().format("image").load("photos/" + bits + ".png").select("image.data").first().get(0);
        TreeSet<Integer> levels = new TreeSet<>();
        for (byte level : read) {
          levels.add(level & 255);
        }
        System.out.println(bits + " bits: levels from " + levels.first() + " to " + levels.last());
      }
    }
  }
}
JAVA
opens=$(printf -- '--add-opens java.base/%s=ALL-UNNAMED ' java.lang java.lang.invoke java.nio java.util sun.nio.ch sun.util.calendar)
java $opens -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
8 bits: levels from 0 to 255
16 bits: levels from 0 to 0
EXPECTED
echo "unchanged: org.apache.spark:spark-mllib_2.13:4.2.0"
