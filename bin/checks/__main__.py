"""Run the steps of steps.toml: one fault fails all."""

import os
import signal
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from common import ROOT, VENV, say
from processes import dying_with_us

CHECKS = tomllib.loads(Path(__file__).with_name("steps.toml").read_text())
TOOLS = {"PATH": f"{VENV}/bin:{os.environ['PATH']}"}
running: list[int] = []


def run(name: str, command: str) -> bool:
    """Run a step; print its result, and a failure's output."""
    start = time.monotonic()
    process = subprocess.Popen(
        [*dying_with_us("KILL"), "sh", "-c", command],
        env=os.environ | TOOLS | CHECKS["environment"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )
    running.append(process.pid)
    output, _ = process.communicate()
    is_well = process.returncode == 0
    took = time.monotonic() - start
    say(f"  {'ok  ' if is_well else 'FAIL'} {name} ({took:.1f} s)")
    if not is_well:
        say(output.strip())
    return is_well


def kill_running(*_: object) -> None:
    for group in running:
        with suppress(ProcessLookupError):  # It has ended by itself.
            os.killpg(group, signal.SIGKILL)
    os._exit(130)


def main() -> int:
    """Run two steps at a time; ``--fix`` corrects first."""
    signal.signal(signal.SIGINT, kill_running)
    if "--fix" in sys.argv:
        for command in CHECKS["fixes"].values():
            subprocess.run(["sh", "-c", command], env=os.environ | TOOLS, cwd=ROOT)
    with ThreadPoolExecutor(max_workers=2) as pool:
        steps = CHECKS["steps"]
        return 0 if all([*pool.map(run, steps, steps.values())]) else 1


if __name__ == "__main__":
    sys.exit(main())
