#!/usr/bin/env bash
# jHDF 0.13.0: chunks that were never written come back as 0 and not as the data set's fill value.
#
# h5py gives the fill value, as the format says.
# Guess before the run: the fill value.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in io.jhdf:jhdf:0.13.0 org.slf4j:slf4j-nop:2.0.17; do
    IFS=: read -r group name version classifier <<<"$artifact"
    echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version>"
    [ -z "$classifier" ] || echo "<classifier>$classifier</classifier>"
    echo '</dependency>'
  done
  echo '</dependencies></project>'
} > pom.xml
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.9.0
mvn -B -ntp -q $plugin:build-classpath -Dmdep.outputFile=classpath > mvn.log || { cat mvn.log; exit 1; }
python3 -m venv venv
venv/bin/pip install -q h5py==3.16.0 numpy==2.2.6
venv/bin/python - <<'PYTHON'
import h5py

with h5py.File("counts.h5", "w") as file:
    counts = file.create_dataset("counts", (4,), "i4", chunks=(2,), fillvalue=7)
    counts[:2] = 1
with h5py.File("counts.h5") as file:
    print("h5py", file["counts"][:].tolist())
PYTHON

cat > Probe.java <<'JAVA'
import io.jhdf.HdfFile;
import java.nio.file.Path;
import java.util.Arrays;

class Probe {
  public static void main(String[] none) {
    try (HdfFile file = new HdfFile(Path.of("counts.h5"))) {
      System.out.println(Arrays.toString((int[]) file.getDatasetByPath("counts").getData()));
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
[1, 1, 0, 0]
EXPECTED
echo "unchanged: io.jhdf:jhdf:0.13.0 org.slf4j:slf4j-nop:2.0.17"
