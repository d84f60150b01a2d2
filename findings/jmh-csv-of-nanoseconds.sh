#!/usr/bin/env bash
# JMH 1.37: the CSV of a benchmark of some nanoseconds says 0.000000 in average time mode.
#
# The mode's own unit is the second and CSV has six digits after the point; JSON keeps all of them, and
# the table on the screen says 10⁻⁸ or so. A ratio of two such scores is NaN.
# Guess before the run: some digits in scientific notation, with a suspicion of six places.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in org.openjdk.jmh:jmh-core:1.37 org.openjdk.jmh:jmh-generator-annprocess:1.37; do
    IFS=: read -r group name version classifier <<<"$artifact"
    echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version>"
    [ -z "$classifier" ] || echo "<classifier>$classifier</classifier>"
    echo '</dependency>'
  done
  echo '</dependencies></project>'
} > pom.xml
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.9.0
mvn -B -ntp -q $plugin:build-classpath -Dmdep.outputFile=classpath > mvn.log || { cat mvn.log; exit 1; }

mkdir probe
cat > probe/Probe.java <<'JAVA'
package probe;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
public class Probe {
  public double value = 3;

  @Benchmark
  public double root() {
    return Math.sqrt(value);
  }
}
JAVA
javac -cp "$(cat classpath)" -d classes probe/Probe.java > javac.log 2>&1 || { cat javac.log; exit 1; }
for format in csv json; do
  java -cp "classes:$(cat classpath)" org.openjdk.jmh.Main -f 1 -wi 1 -i 3 -w 100ms -r 100ms \
    -rf $format -rff result.$format > jmh.log 2>&1 || { cat jmh.log; exit 1; }
done
cut -d, -f5,7 result.csv | tr -d '\r' > seen
grep -q '"score" : [1-9].*E-' result.json && echo "JSON has digits" >> seen

diff - seen <<'EXPECTED'
"Score","Unit"
0.000000,"s/op"
JSON has digits
EXPECTED
echo "unchanged: org.openjdk.jmh:jmh-core:1.37"
