#!/usr/bin/env bash
# DJL 0.36.0: RandomResizedCrop never draws a crop with the image's last column or last row in it.
#
# The corner's last place is left out of the draw; the first column and row do come up, so a photo and its
# mirror image are not seen alike, and TensorFlow's crops reach all four borders. The white line below lies
# along one border of a black image.
# Guess before the run: each border is reached as often as the one across.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in ai.djl:api:0.36.0 ai.djl.pytorch:pytorch-engine:0.36.0 ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0 ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64 org.slf4j:slf4j-nop:2.0.17; do
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
import ai.djl.modality.cv.transform.RandomResizedCrop;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;

class Probe {
  public static void main(String[] none) {
    RandomResizedCrop crop = new RandomResizedCrop(16, 16, 0.1, 0.5, 0.75, 4 / 3.0);
    try (NDManager manager = NDManager.newBaseManager()) {
      for (String line : new String[] {":,0", ":,31", "0", "31"}) {
        NDArray image = manager.zeros(new Shape(32, 32, 1));
        image.set(new NDIndex(line), 1);
        int found = 0;
        for (int i = 0; i < 2000; i++) {
          try (NDArray cut = crop.transform(image)) {
            found += cut.max().getFloat() > 0 ? 1 : 0;
          }
        }
        System.out.println(line + (found > 20 ? " seen" : found == 0 ? " never seen" : " rarely seen"));
      }
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
:,0 seen
:,31 never seen
0 seen
31 never seen
EXPECTED
echo "unchanged: ai.djl:api:0.36.0 ai.djl.pytorch:pytorch-engine:0.36.0"
