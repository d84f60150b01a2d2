#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: macro F1 is 1 for labels 0, 1 and predictions 0, 2; accuracy, precision and recall are 0.5.
#
# A class that was never predicted has no precision and one without a label no recall; both are left out
# of the mean of F1, although the first was missed each time. Rare classes are often never predicted.
# Guess before the run: at most the larger of precision and recall.
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
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.factory.Nd4j;

class Probe {
  public static void main(String[] none) {
    Evaluation evaluation = new Evaluation(3);
    evaluation.eval(
        Nd4j.createFromArray(new float[][] {{1, 0, 0}, {0, 1, 0}}),
        Nd4j.createFromArray(new float[][] {{1, 0, 0}, {0, 0, 1}}));
    System.out.println("accuracy " + evaluation.accuracy());
    System.out.println("precision " + evaluation.precision() + " recall " + evaluation.recall());
    System.out.println("F1 " + evaluation.f1());
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
accuracy 0.5
precision 0.5 recall 0.5
F1 1.0
EXPECTED
echo "unchanged: org.nd4j:nd4j-native:1.0.0-M2.1"
