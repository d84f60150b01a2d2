#!/usr/bin/env bash
# ojAlgo 57.1.0: a transport of supplies of 1e-10 is OPTIMAL at cost 0, with nothing moved.
#
# The constraints are equalities, and the plan fails each of them by all of its weight; small costs do
# no harm. Only the size against 1 matters: 1e-8 is solved.
# Guess before the run: the optimum in proportion, or a status that says otherwise.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in org.ojalgo:ojalgo:57.1.0; do
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
import java.util.Locale;
import org.ojalgo.optimisation.ExpressionsBasedModel;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.Variable;

class Probe {
  public static void main(String[] none) {
    for (double weight : new double[] {1, 1e-8, 1e-10}) {
      ExpressionsBasedModel model = new ExpressionsBasedModel();
      Variable[] flow = new Variable[9];
      for (int i = 0; i < 9; i++) {
        flow[i] = model.newVariable("flow" + i).lower(0).weight(1 + i * 7 % 5);
      }
      for (int i = 0; i < 3; i++) {
        var supply = model.newExpression("supply" + i).level(weight);
        var demand = model.newExpression("demand" + i).level(weight);
        for (int j = 0; j < 3; j++) {
          supply.set(flow[3 * i + j], 1);
          demand.set(flow[3 * j + i], 1);
        }
      }
      Optimisation.Result plan = model.minimise();
      double moved = 0;
      for (int i = 0; i < 9; i++) {
        moved += plan.doubleValue(i);
      }
      System.out.printf(
          Locale.ROOT, "%.0e %s, moved %.2f, cost %.2f%n",
          weight, plan.getState(), moved / weight, plan.getValue() / weight);
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
1e+00 OPTIMAL, moved 3.00, cost 7.00
1e-08 OPTIMAL, moved 3.00, cost 7.00
1e-10 OPTIMAL, moved 0.00, cost 0.00
EXPECTED
echo "unchanged: org.ojalgo:ojalgo:57.1.0"
