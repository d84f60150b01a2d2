#!/usr/bin/env bash
# EJML 0.46.1: elementSum of 2^25 ones in a float matrix is 2^24.
#
# CommonOps_FDRM adds one by one in float, where adding 1 to 16,777,216 changes nothing. Means of many
# features should be summed in double.
# Guess before the run: some pairwise or double accumulation, as NumPy and BLAS libraries have.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in org.ejml:ejml-fdense:0.46.1; do
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
import java.util.Arrays;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;

class Probe {
  public static void main(String[] none) {
    FMatrixRMaj ones = new FMatrixRMaj(1, 1 << 25);
    Arrays.fill(ones.data, 1);
    System.out.println((long) CommonOps_FDRM.elementSum(ones) + " of " + ones.getNumElements());
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
16777216 of 33554432
EXPECTED
echo "unchanged: org.ejml:ejml-fdense:0.46.1"
