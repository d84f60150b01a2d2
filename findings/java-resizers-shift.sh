#!/usr/bin/env bash
# TwelveMonkeys 3.14.0 and ImageJ 1.54p: to shrink a photo and its mirror image does not give mirror images.
#
# TwelveMonkeys moves what it shrinks by its Lanczos and cubic filters and not by the triangle, ImageJ's
# bilinear way unless it averages. A ramp that rises by 4 levels a pixel shows how far.
# Guess before the run: mirror images up to rounding, with a suspicion of half a pixel somewhere.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in com.twelvemonkeys.common:common-image:3.14.0 net.imagej:ij:1.54p; do
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
import com.twelvemonkeys.image.ResampleOp;
import ij.process.ColorProcessor;
import java.awt.image.BufferedImage;
import java.util.function.UnaryOperator;

class Probe {
  public static void main(String[] none) {
    seen("TwelveMonkeys triangle", photo -> new ResampleOp(32, 8, ResampleOp.FILTER_TRIANGLE).filter(photo, null));
    seen("TwelveMonkeys cubic", photo -> new ResampleOp(32, 8, ResampleOp.FILTER_CUBIC).filter(photo, null));
    seen("TwelveMonkeys Lanczos", photo -> new ResampleOp(32, 8, ResampleOp.FILTER_LANCZOS).filter(photo, null));
    seen("ImageJ bilinear, averaged", photo -> bilinear(photo, true));
    seen("ImageJ bilinear", photo -> bilinear(photo, false));
  }

  static BufferedImage bilinear(BufferedImage photo, boolean averaged) {
    ColorProcessor processor = new ColorProcessor(photo);
    processor.setInterpolationMethod(ColorProcessor.BILINEAR);
    return processor.resize(32, 8, averaged).getBufferedImage();
  }

  static void seen(String name, UnaryOperator<BufferedImage> shrink) {
    BufferedImage ramp = new BufferedImage(64, 8, BufferedImage.TYPE_INT_RGB);
    BufferedImage mirrored = new BufferedImage(64, 8, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 8; i++) {
      int x = i % 64;
      ramp.setRGB(x, i / 64, 4 * x * 0x010101);
      mirrored.setRGB(63 - x, i / 64, 4 * x * 0x010101);
    }
    int there = shrink.apply(ramp).getRGB(16, 4) & 255;
    int back = shrink.apply(mirrored).getRGB(31 - 16, 4) & 255;
    System.out.println(name + ": " + there + " and " + back + " of " + 4 * 32.5);
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
TwelveMonkeys triangle: 130 and 130 of 130.0
TwelveMonkeys cubic: 128 and 132 of 130.0
TwelveMonkeys Lanczos: 128 and 132 of 130.0
ImageJ bilinear, averaged: 130 and 130 of 130.0
ImageJ bilinear: 127 and 133 of 130.0
EXPECTED
echo "unchanged: com.twelvemonkeys.common:common-image:3.14.0 net.imagej:ij:1.54p"
