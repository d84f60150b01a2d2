#!/usr/bin/env bash
# dev.ludovic.netlib's blas 3.2.0: snrm2 of (3e20, 4e20) is infinite and of (3e-25, 4e-25) is 0.
#
# Squares are summed as they are, in float; BLAS's nrm2 scales, so that the norm is found whenever a
# float can hold it. Spark ML calculates by this library.
# Guess before the run: 5e20 and 5e-25, with a suspicion of a plain sum.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in dev.ludovic.netlib:blas:3.2.0; do
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
import dev.ludovic.netlib.blas.JavaBLAS;

class Probe {
  public static void main(String[] none) {
    JavaBLAS blas = JavaBLAS.getInstance();
    System.out.println(blas.snrm2(2, new float[] {3, 4}, 1));
    System.out.println(blas.snrm2(2, new float[] {3e20f, 4e20f}, 1));
    System.out.println(blas.snrm2(2, new float[] {3e-25f, 4e-25f}, 1));
    System.out.println(blas.dnrm2(2, new double[] {3e200, 4e200}, 1));
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
5.0
Infinity
0.0
Infinity
EXPECTED
echo "unchanged: dev.ludovic.netlib:blas:3.2.0"
