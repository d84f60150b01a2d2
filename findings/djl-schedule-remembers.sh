#!/usr/bin/env bash
# DJL 0.38.0: a MultiFactorTracker that was once asked for a late update gives its rate for early ones, too.
#
# Optimizers ask with the number of updates of each parameter, so layers that are thawed later start at
# the rate of the others. The cosine and factor trackers depend on the number alone.
# Guess before the run: a function of the number, with a suspicion of state.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in ai.djl:api:0.38.0 org.slf4j:slf4j-nop:2.0.17; do
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
import ai.djl.training.tracker.Tracker;

class Probe {
  public static void main(String[] none) {
    Tracker steps = Tracker.multiFactor().setBaseValue(1).setSteps(new int[] {10, 20}).optFactor(0.1f).build();
    Tracker cosine = Tracker.cosine().setBaseValue(1).optFinalValue(0).setMaxUpdates(40).build();
    for (int update : new int[] {5, 25, 5}) {
      System.out.printf("%d %.2f %.2f%n", update, steps.getNewValue(update), cosine.getNewValue(update));
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
5 1.00 0.96
25 0.01 0.31
5 0.01 0.96
EXPECTED
echo "unchanged: ai.djl:api:0.38.0"
