"""The packages of run.lock and their known vulnerabilities (S42).

The inventory (SBOM, CycloneDX) needs no network. Vulnerabilities come from the package
index or an OSV service; without an answer the status says so. Not in bin/check.
"""

import json
import re
import subprocess
import sys

from common import ROOT, run_command, say
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from audits import read_options

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


def asked_about(lock: str) -> set[str]:
    """Return the packages of a lock for this machine."""
    lines = (line.rstrip(" \\") for line in lock.splitlines() if PINNED.match(line))
    pinned = map(Requirement, lines)
    return {
        canonicalize_name(one.name)
        for one in pinned
        if one.marker is None or one.marker.evaluate()
    }


def judge(answer: str, beside: str, wanted: set[str]) -> int:
    """Print the vulnerabilities and return the exit code.

    0: none is known; 1: some are; 2: not every wanted package has an answer.
    """
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        last = beside.strip().splitlines()[-1:] or ["no word"]
        say(f"No vulnerability data could be read: {last[0]}")
        say("Nothing is known, which does not mean that nothing is wrong: try again.")
        return UNKNOWN
    found, silent = [], dict.fromkeys(wanted, "it is not in the answer")
    for package in packages:
        name = canonicalize_name(package["name"])
        if "skip_reason" in package:
            silent[name] = package["skip_reason"]
            continue
        silent.pop(name, None)
        for one in package.get("vulns", ()):
            mended = ", ".join(one["fix_versions"]) or "nothing yet"
            vulnerability = f"{package['name']} {package['version']}: {one['id']}"
            found.append(f"{vulnerability}, mended by {mended}")
    unanswered = [f"{each}: no answer, {silent[each]}" for each in sorted(silent)]
    for line in found + unanswered:
        say(line)
    answered = len(wanted - silent.keys())
    say(
        f"{answered} packages answered, {len(silent)} unanswered,"
        f" {len(found)} known vulnerabilities"
    )
    if found:
        return VULNERABLE
    return UNKNOWN if silent else SOUND


def main(arguments: list[str]) -> int:
    """Write the inventory to ``--sbom``, then look up vulnerabilities."""
    options = read_options(arguments)
    if options.sbom:
        bom = inventory(LOCK.read_text(encoding="utf-8"))
        text = JsonV1Dot6(bom).output_as_string(indent=1)
        options.sbom.write_text(text, encoding="utf-8")
        say(f"{len(bom.components)} packages written to {options.sbom}")
    if options.offline:
        return SOUND
    return judge(*look_up(options.osv), asked_about(LOCK.read_text(encoding="utf-8")))


if __name__ == "__main__":
    run_command(main, sys.argv[1:])
