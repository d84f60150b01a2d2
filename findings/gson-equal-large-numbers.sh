#!/usr/bin/env bash
# Gson 2.15.0: two whole numbers beyond 2^53 that differ by one are equal, and one in a set.
#
# Parsed numbers are compared as doubles although both keep their digits, as getAsLong shows. Identifiers
# of photos and categories can be that large.
# Guess before the run: equal only if their digits are.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in com.google.code.gson:gson:2.15.0; do
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
import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.util.HashSet;

class Probe {
  public static void main(String[] none) {
    JsonArray ids = JsonParser.parseString("[9007199254740992, 9007199254740993]").getAsJsonArray();
    System.out.println(ids.get(0).getAsLong() + " " + ids.get(1).getAsLong());
    System.out.println(ids.get(0).equals(ids.get(1)) + ", in a set " + new HashSet<>(ids.asList()).size());
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
9007199254740992 9007199254740993
true, in a set 1
EXPECTED
echo "unchanged: com.google.code.gson:gson:2.15.0"
