#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: with equal scores for all samples the area under the ROC curve is 0, 0.25, 0.75 or 1, by their order.
#
# The exact mode, ROC(0), makes a step for each sample and none for each score. Equal scores rank nothing,
# so the area is 0.5. A network that has collapsed gives such scores.
# Guess before the run: 0.5.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in org.nd4j:nd4j-native:1.0.0-M2.1 org.nd4j:nd4j-native:1.0.0-M2.1:linux-x86_64 org.bytedeco:javacpp:1.5.7:linux-x86_64 org.bytedeco:openblas:0.3.19-1.5.7:linux-x86_64 org.slf4j:slf4j-nop:1.7.36; do
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
import org.nd4j.evaluation.classification.ROC;
import org.nd4j.linalg.factory.Nd4j;

class Probe {
  public static void main(String[] none) {
    for (float[] labels : new float[][] {{0, 0, 1, 1}, {0, 1, 0, 1}, {1, 0, 1, 0}, {1, 1, 0, 0}}) {
      ROC roc = new ROC(0);
      roc.eval(
          Nd4j.createFromArray(labels).reshape(4, 1),
          Nd4j.createFromArray(0.5f, 0.5f, 0.5f, 0.5f).reshape(4, 1));
      System.out.println(java.util.Arrays.toString(labels) + " " + roc.calculateAUC());
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
[0.0, 0.0, 1.0, 1.0] 0.0
[0.0, 1.0, 0.0, 1.0] 0.25
[1.0, 0.0, 1.0, 0.0] 0.75
[1.0, 1.0, 0.0, 0.0] 1.0
EXPECTED
echo "unchanged: org.nd4j:nd4j-native:1.0.0-M2.1"
