#!/usr/bin/env bash
# mfl-core 0.5.15: the largest uint64 of a MATLAB file is read as -1, also by getDouble.
#
# The type is said to be uint64; smaller types without a sign come out positive.
# Guess before the run: getDouble gives 1.8e19 and getLong refuses.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in us.hebi.matlab.mat:mfl-core:0.5.15; do
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
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Sink;
import us.hebi.matlab.mat.types.Sinks;

class Probe {
  public static void main(String[] none) throws Exception {
    for (MatlabType type : new MatlabType[] {MatlabType.UInt64, MatlabType.UInt32}) {
      Matrix largest = Mat5.newMatrix(1, 1, type);
      largest.setLong(0, type == MatlabType.UInt64 ? -1L : 0xFFFFFFFFL);
      try (Sink file = Sinks.newStreamingFile(type + ".mat")) {
        Mat5.newMatFile().addArray("x", largest).writeTo(file);
      }
      Matrix read = Mat5.readFromFile(type + ".mat").getMatrix("x");
      System.out.println(read.getType() + " " + read.getDouble(0) + " " + read.getLong(0));
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
uint64 -1.0 -1
uint32 4.294967295E9 4294967295
EXPECTED
echo "unchanged: us.hebi.matlab.mat:mfl-core:0.5.15"
