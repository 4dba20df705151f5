#!/usr/bin/env python3
"""Write the contents of the base image as CycloneDX: write_base_sbom.py ROOTFS SUITE JDK > base.cdx.json

They are Debian's packages, from the records in /var/lib/dpkg/status.d, and the Java runtime that jlink created.
"""

import json
import re
import sys
from pathlib import Path
from urllib.parse import quote

root, suite, jdk = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])


def fields(record):
    return dict(re.findall(r"^([A-Za-z-]+): (.*)$", record.read_text(), re.M))


def component(name, version, purl):
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


release = dict(re.findall(r'^(\w+)="(.*)"$', (jdk / "release").read_text(), re.M))
components = [
    component(
        p["Package"],
        p["Version"],
        f"pkg:deb/debian/{p['Package']}@{quote(p['Version'])}?arch={p['Architecture']}&distro={suite}",
    )
    for p in map(fields, sorted((root / "var/lib/dpkg/status.d").iterdir()))
]
java = release["JAVA_RUNTIME_VERSION"]
components.append(
    component("java-runtime", java, f"pkg:generic/java-runtime@{quote(java)}?vendor={quote(release['IMPLEMENTOR'])}")
)
bom = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "version": 1,
    "metadata": {"component": {"type": "container", "name": "iris-base"}},
    "components": components,
}
json.dump(bom, sys.stdout, indent=2)
