#!/usr/bin/env bash
# hnswlib-core 1.2.1 (Java): the correlation distance depends on the order of the two vectors and on an added constant.
#
# The second vector is centred by the mean of the first. SciPy gives 1.9725 both ways for the two below, and 0
# for a vector and the same plus 10.
# Guess before the run: SciPy's values, as for the other six distances.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in com.github.jelmerk:hnswlib-core:1.2.1; do
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
import com.github.jelmerk.hnswlib.core.DistanceFunctions;

class Probe {
  public static void main(String[] none) {
    float[] first = {1, 2, 3, -4};
    float[] second = {2, 0, -1, 5};
    System.out.printf("%.4f%n", DistanceFunctions.FLOAT_CORRELATION_DISTANCE.distance(first, second));
    System.out.printf("%.4f%n", DistanceFunctions.FLOAT_CORRELATION_DISTANCE.distance(second, first));
    float[] raised = {11, 12, 13, 6};
    System.out.printf("of the first plus 10: %.4f%n",
        DistanceFunctions.FLOAT_CORRELATION_DISTANCE.distance(first, raised));
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
1.8913
1.9117
of the first plus 10: 0.7400
EXPECTED
echo "unchanged: com.github.jelmerk:hnswlib-core:1.2.1"
