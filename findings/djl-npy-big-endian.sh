#!/usr/bin/env bash
# DJL 0.36.0: 1, 2 and 3 in a big-endian npy file are read as 4.6e-41, 9.0e-44 and 2.3e-41.
#
# The header's '>f4' is taken for '<f4'; Fortran order, by contrast, is refused. NumPy keeps the order of
# features that came from HDF5 or FITS files written that way.
# Guess before the run: the three numbers, as the order of bytes is in the header.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
{
  echo '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>'
  echo '<version>1</version><dependencies>'
  for artifact in ai.djl:api:0.36.0 ai.djl.pytorch:pytorch-engine:0.36.0 ai.djl.pytorch:pytorch-jni:2.7.1-0.36.0 ai.djl.pytorch:pytorch-native-cpu:2.7.1:linux-x86_64 org.slf4j:slf4j-nop:2.0.17; do
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
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

class Probe {
  public static void main(String[] none) throws java.io.IOException {
    try (NDManager manager = NDManager.newBaseManager()) {
      for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
        String type = order == ByteOrder.BIG_ENDIAN ? ">f4" : "<f4";
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (3,), }";
        ByteBuffer npy = ByteBuffer.allocate(128 + 12);
        npy.put((byte) 0x93).put("NUMPY\1\0".getBytes(StandardCharsets.US_ASCII)).put((byte) 118).put((byte) 0);
        npy.put(String.format("%-117s\n", header).getBytes(StandardCharsets.US_ASCII));
        npy.order(order).putFloat(1).putFloat(2).putFloat(3);
        float[] read = NDList.decode(manager, new ByteArrayInputStream(npy.array())).get(0).toFloatArray();
        System.out.printf(Locale.ROOT, "%s %.1e %.1e %.1e%n", type, read[0], read[1], read[2]);
      }
    }
  }
}
JAVA
java -cp "$(cat classpath)" Probe.java > seen 2> messages || { cat messages; exit 1; }

diff - seen <<'EXPECTED'
<f4 1.0e+00 2.0e+00 3.0e+00
>f4 4.6e-41 9.0e-44 2.3e-41
EXPECTED
echo "unchanged: ai.djl:api:0.36.0 ai.djl.pytorch:pytorch-engine:0.36.0"
