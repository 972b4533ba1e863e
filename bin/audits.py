"""The packages of run.lock and their known vulnerabilities (S42).

The inventory (SBOM, CycloneDX) needs no network. Vulnerabilities come from the package
index or an OSV service; without an answer the status says so. Not in bin/check.
"""

import json
import re
import subprocess
import sys

from commands import read_audit_options
from common import ROOT, say
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

LOCK = ROOT / "requirements" / "run.lock"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
SOUND, VULNERABLE, UNKNOWN = range(3)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def inventory(lock: str) -> Bom:
    """Return the packages of a lock, with versions and hashes."""
    bom = Bom()
    bom.metadata.component = Component(
        name="opus", type=ComponentType.APPLICATION, bom_ref="opus"
    )
    component = None
    for line in lock.splitlines():
        if pinned := PINNED.match(line):
            name, version = pinned.groups()
            component = Component(
                name=name,
                version=version,
                type=ComponentType.LIBRARY,
                bom_ref=f"{name}@{version}",
                purl=PackageURL("pypi", name=name, version=version),
            )
            bom.components.add(component)
        for digest in HASH.findall(line):
            assert component is not None, "a hash before any package"  # noqa: S101
            component.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=digest))
    bom.register_dependency(bom.metadata.component, bom.components)
    return bom


def look_up(osv: str | None) -> tuple[str, str]:
    """Return the JSON of the index or OSV, and messages."""
    words = ["--requirement", str(LOCK), "--disable-pip", "--require-hashes"]
    quiet = ["--progress-spinner", "off", "--format", "json"]
    source = ["--vulnerability-service", "osv", "--osv-url", osv] if osv else []
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", *words, *quiet, *source],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, done.stderr


def judge(answer: str, beside: str) -> int:
    """Print the vulnerabilities and return the exit code.

    0: none is known; 1: some are; 2: not every package has an answer.
    """
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        last = beside.strip().splitlines()[-1:] or ["no word"]
        say(f"No vulnerability data could be read: {last[0]}")
        say("Nothing is known, which does not mean that nothing is wrong: try again.")
        return UNKNOWN
    found, silent = [], []
    for package in packages:
        if "skip_reason" in package:
            silent.append(f"{package['name']}: no answer, {package['skip_reason']}")
        for one in package.get("vulns", ()):
            mended = ", ".join(one["fix_versions"]) or "nothing yet"
            vulnerability = f"{package['name']} {package['version']}: {one['id']}"
            found.append(f"{vulnerability}, mended by {mended}")
    for line in found + silent:
        say(line)
    say(f"{len(packages)} packages, {len(found)} known vulnerabilities")
    if found:
        return VULNERABLE
    return UNKNOWN if silent else SOUND


def main(arguments: list[str]) -> int:
    """Write the inventory to ``--sbom``, then look up vulnerabilities."""
    options = read_audit_options(arguments)
    if options.sbom:
        bom = inventory(LOCK.read_text(encoding="utf-8"))
        text = JsonV1Dot6(bom).output_as_string(indent=1)
        options.sbom.write_text(text, encoding="utf-8")
        say(f"{len(bom.components)} packages told in {options.sbom}")
    return SOUND if options.offline else judge(*look_up(options.osv))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
