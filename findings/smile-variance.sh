#!/usr/bin/env bash
# Smile 3.1.1: the variance of 1000000000, 1000000001 and 1000000002 is 0, their covariance with themselves 1.
#
# MathEx.var takes the square of the mean from the mean of the squares, which cancels; MathEx.cov subtracts
# the mean first. Correlations divide by the former: cor of the three with 1, 2 and 3 is no number. Float
# features of a large mean do the same at smaller numbers.
# Guess before the run: 1, with a suspicion that it cancels.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in com.github.haifengl:smile-core:3.1.1 org.slf4j:slf4j-nop:2.0.17; do
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
import smile.math.MathEx;

class Probe {
  public static void main(String[] none) {
    for (double offset : new double[] {0, 1e9}) {
      double[] values = {offset, offset + 1, offset + 2};
      System.out.println(
          offset + ": var " + MathEx.var(values) + ", cov " + MathEx.cov(values, values)
              + ", cor " + MathEx.cor(values, new double[] {1, 2, 3}));
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
0.0: var 1.0, cov 1.0, cor 1.0
1.0E9: var 0.0, cov 1.0, cor NaN
EXPECTED
echo "unchanged: com.github.haifengl:smile-core:3.1.1"
