#!/usr/bin/env bash
# ND4J 1.0.0-M2.1: createFromNpyFile reads an npy file in Fortran order as if it were in C order.
#
# NumPy writes a transposed matrix that way. The file below holds [[1, 2, 3], [4, 5, 6]].
# Guess before the run: the order is kept, as ND4J has Fortran-ordered arrays of its own.
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
printf "\x93NUMPY\x01\x00\x76\x00%-117s\n" "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }" > features.npy
printf '\0\0\200?\0\0\200@\0\0\0@\0\0\240@\0\0@@\0\0\300@' >> features.npy # 1 4 2 5 3 6

cat > Probe.java <<'JAVA'
import java.io.File;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class Probe {
  public static void main(String[] none) {
    INDArray read = Nd4j.createFromNpyFile(new File("features.npy"));
    System.out.println(read.toStringFull().replaceAll("\\s+", ""));
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
[[1,4,2],[5,3,6]]
EXPECTED
echo "unchanged: org.nd4j:nd4j-native:1.0.0-M2.1 org.nd4j:nd4j-native:1.0.0-M2.1:linux-x86_64 org.bytedeco:javacpp:1.5.7:linux-x86_64 org.bytedeco:openblas:0.3.19-1.5.7:linux-x86_64 org.slf4j:slf4j-nop:1.7.36"
