"""The packages of run.lock and their known vulnerabilities (S42).

The inventory (SBOM, CycloneDX) needs no network. pip-audit looks up vulnerabilities;
its exit code is 1 for one that is known as for an answer that is missing.
"""

import json
import subprocess
import sys

from common import ROOT, run_command, say
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.utils import canonicalize_name
from pip_requirements_parser import InstallRequirement, RequirementsFile

from checks.commands import read_audit_options

LOCK = ROOT / "requirements" / "run.lock"
PIP_AUDIT = (
    *(sys.executable, "-m", "pip_audit", "--requirement", str(LOCK)),
    *("--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json"),
)
SOUND, VULNERABLE, UNKNOWN = range(3)


def main(arguments: list[str]) -> int:
    """Write the inventory to ``--sbom``, then look up vulnerabilities."""
    options = read_audit_options(arguments)
    packages = RequirementsFile.from_file(str(LOCK)).requirements
    if options.sbom:
        text = JsonV1Dot6(inventory(packages)).output_as_string(indent=1)
        options.sbom.write_text(text, encoding="utf-8")
        say(f"{len(packages)} packages written to {options.sbom}")
    if options.offline:
        return SOUND
    osv = ("--vulnerability-service=osv", "--osv-url", options.osv)
    command = [*PIP_AUDIT, *(osv if options.osv else ())]
    done = subprocess.run(command, capture_output=True, text=True)
    here = [one for one in packages if not one.marker or one.marker.evaluate()]
    wanted = {str(canonicalize_name(one.name)) for one in here}
    return judge(done.stdout, done.stderr, wanted)


def inventory(packages: list[InstallRequirement]) -> Bom:
    """Return the packages of a lock, with versions and hashes."""
    bom = Bom()
    opus = Component(name="opus", type=ComponentType.APPLICATION, bom_ref="opus")
    bom.metadata.component = opus
    for one in packages:
        version = str(one.specifier).removeprefix("==")
        bom.components.add(
            Component(
                name=one.name,
                version=version,
                type=ComponentType.LIBRARY,
                bom_ref=f"{one.name}@{version}",
                purl=PackageURL("pypi", name=one.name, version=version),
                hashes=[
                    HashType(alg=HashAlgorithm.SHA_256, content=text.partition(":")[2])
                    for text in one.hash_options
                ],
            )
        )
    bom.register_dependency(opus, bom.components)
    return bom


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
    silent: dict[str, str] = dict.fromkeys(wanted, "it is not in the answer")
    found = 0
    for package in packages:
        name = str(canonicalize_name(package["name"]))
        if "skip_reason" in package:
            silent[name] = package["skip_reason"]
            continue
        silent.pop(name, None)
        for one in package.get("vulns", ()):
            found += 1
            mended = ", ".join(one["fix_versions"]) or "nothing yet"
            vulnerability = f"{package['name']} {package['version']}: {one['id']}"
            say(f"{vulnerability}, mended by {mended}")
    for name in sorted(silent):
        say(f"{name}: no answer, {silent[name]}")
    say(
        f"{len(wanted - silent.keys())} packages answered, {len(silent)} unanswered,"
        f" {found} known vulnerabilities"
    )
    if found:
        return VULNERABLE
    return UNKNOWN if silent else SOUND


if __name__ == "__main__":
    run_command(main, sys.argv[1:])
