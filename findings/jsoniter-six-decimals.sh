#!/usr/bin/env bash
# jsoniter 0.9.23 (Java): numbers are written with six digits after the point; features below 5e-7 become 0.
#
# It is so without any setting, also for double. Probabilities of many classes and weights of rare ones
# are that small, and nothing says that they are gone.
# Guess before the run: digits that read back as the same number, with a suspicion of six digits in all.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in com.jsoniter:jsoniter:0.9.23; do
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
import com.jsoniter.JsonIterator;
import com.jsoniter.output.JsonStream;

class Probe {
  public static void main(String[] none) {
    double[] features = {0.1234567891, 0.00001234567, 4e-7};
    String json = JsonStream.serialize(features);
    System.out.println(json);
    System.out.println(JsonIterator.deserialize("[4e-7]", double[].class)[0]);
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
[0.123457,0.000012,0]
4.0E-7
EXPECTED
echo "unchanged: com.jsoniter:jsoniter:0.9.23"
