#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: the mean of 10,000 ones in bfloat16 is a few hundredths.
#
# Sums are kept in the array's own type, where 256 + 1 is 256. PyTorch and JAX add bfloat16 in float32.
# Guess before the run: 1, or a little less.
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
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class Probe {
  public static void main(String[] none) {
    for (DataType type : new DataType[] {DataType.FLOAT, DataType.BFLOAT16}) {
      double mean = Nd4j.ones(type, 10000).meanNumber().doubleValue(); // how few depends on threads
      System.out.println(type + (mean == 1 ? " 1" : mean < 0.1 ? " below a tenth" : " " + mean));
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
FLOAT 1
BFLOAT16 below a tenth
EXPECTED
echo "unchanged: org.nd4j:nd4j-native:1.0.0-M2.1 org.nd4j:nd4j-native:1.0.0-M2.1:linux-x86_64 org.bytedeco:javacpp:1.5.7:linux-x86_64 org.bytedeco:openblas:0.3.19-1.5.7:linux-x86_64 org.slf4j:slf4j-nop:1.7.36"
