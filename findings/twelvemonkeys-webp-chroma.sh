#!/usr/bin/env bash
# TwelveMonkeys 3.14.0: at an edge between red and blue, a lossy WebP's pixels differ by 42 levels from libwebp's.
#
# Colour has half the resolution there; libwebp, by which Pillow, OpenCV and browsers read, interpolates it, and
# TwelveMonkeys' reader for ImageIO repeats it. Lossless files agree. A network trained in Python sees other colours in Java.
# Guess before the run: the same pixels, with a suspicion of the way colour is enlarged.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pillow==12.3.0
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in com.twelvemonkeys.imageio:imageio-webp:3.14.0; do
    IFS=: read -r group name version classifier <<<"$artifact"
    echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version>"
    [ -z "$classifier" ] || echo "<classifier>$classifier</classifier>"
    echo '</dependency>'
  done
  echo '</dependencies></project>'
} > pom.xml
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.9.0
mvn -B -ntp -q $plugin:build-classpath -Dmdep.outputFile=classpath > mvn.log || { cat mvn.log; exit 1; }

venv/bin/python - <<'PYTHON'
from PIL import Image

photo = Image.new("RGB", (64, 64), "red")
photo.paste("blue", (33, 0, 64, 64))
photo.save("lossy.webp", quality=95)
photo.save("lossless.webp", lossless=True)
PYTHON
cat > Probe.java <<'JAVA'
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

class Probe {
  public static void main(String[] names) throws IOException {
    for (String name : names) {
      BufferedImage read = ImageIO.read(new File(name));
      byte[] pixels = new byte[64 * 64 * 3];
      for (int i = 0; i < 64 * 64; i++) {
        int rgb = read.getRGB(i % 64, i / 64);
        pixels[3 * i] = (byte) (rgb >> 16);
        pixels[3 * i + 1] = (byte) (rgb >> 8);
        pixels[3 * i + 2] = (byte) rgb;
      }
      Files.write(Path.of(name + ".pixels"), pixels);
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java lossless.webp lossy.webp 2> messages || { cat messages; exit 1; }
venv/bin/python - > seen <<'PYTHON'
from PIL import Image

for name in ("lossless.webp", "lossy.webp"):
    here = Image.open(name).convert("RGB").tobytes()
    there = open(name + ".pixels", "rb").read()
    print(name, max(abs(a - b) for a, b in zip(here, there, strict=True)))
PYTHON

diff - seen <<'EXPECTED'
lossless.webp 0
lossy.webp 42
EXPECTED
echo "unchanged: com.twelvemonkeys.imageio:imageio-webp:3.14.0 pillow==12.3.0"
