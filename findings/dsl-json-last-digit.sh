#!/usr/bin/env bash
# dsl-json 2.0.2: doubles that it wrote itself come back with another last digit, one in six of them.
#
# All of Java's shortest digits are written, and floats come back as they were; only the reading of doubles of
# 16 or 17 digits is off by one in the last place. A checksum of features, or a sum of shares, then differs.
# Guess before the run: what was written is read.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in com.dslplatform:dsl-json:2.0.2; do
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
import com.dslplatform.json.DslJson;
import java.util.Random;

class Probe {
  public static void main(String[] none) throws java.io.IOException {
    DslJson<Object> json = new DslJson<>();
    Random random = new Random(1);
    int changedDoubles = 0;
    int changedFloats = 0;
    for (int i = 0; i < 100_000; i++) {
      double[] shares = {random.nextDouble()};
      var writer = json.newWriter();
      json.serialize(writer, shares);
      byte[] text = writer.toByteArray();
      changedDoubles += json.deserialize(double[].class, text, text.length)[0] == shares[0] ? 0 : 1;
      float[] features = {(float) shares[0]};
      writer.reset();
      json.serialize(writer, features);
      text = writer.toByteArray();
      changedFloats += json.deserialize(float[].class, text, text.length)[0] == features[0] ? 0 : 1;
    }
    System.out.println(changedDoubles + " doubles and " + changedFloats + " floats of 100000");
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
15592 doubles and 0 floats of 100000
EXPECTED
echo "unchanged: com.dslplatform:dsl-json:2.0.2"
