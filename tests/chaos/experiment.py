"""bin/chaos: parts killed and frozen while people work (R29).

An Opus of its own runs as in production, on temporary servers. Advisers work through
its pages, France Travail sends events, and each part is killed and frozen in an order
drawn from the seed. It ends with 1 if anything acknowledged was lost or doubled, did
not leave, or was badly answered. Standard library only.
"""

import json
import random
import shutil
import signal
import subprocess
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import processes
from common import MANAGE, QUIET, Failed, locked, say, step
from packages import DEV, install, require_pango
from processes import start, stop, wait_until
from servers import Servers
from stack import demo_environment, feed_environment, free_port

from tests.chaos.stack import CHAOS, FROZEN, KILLED, PARTS, Stack, Striker, in_thread

OUTAGES, REPORT, PLAN, READY = (
    CHAOS / name for name in ("outages.jsonl", "report.json", "plan.json", "ready")
)
PREPARED = CHAOS / "prepared"
# The first name is that of the data's owner too: it stays the same.
HERE = {"OPUS_HOSTS": "localhost"}
AS_DEPLOYED = {
    "OPUS_DEMO": "0",
    "OPUS_MAIL_FROM": "Opus <opus@example.fr>",
    "OPUS_CONTACT": "opus@example.fr",
    "OPUS_DPO": "dpo@example.fr",
    "OPUS_HOSTED_BY": "bin/chaos",
    "OPUS_PUBLISHER": "bin/chaos",
    "OPUS_PUBLICATION_DIRECTOR": "bin/chaos",
    "OPUS_PUBLISHER_PHONE": "01 99 00 00 00",
    "OPUS_SOURCE_URL": "https://code.example/opus",
}


def read_options(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="bin/chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=90, help="of each seed (90)")
    parser.add_argument("--seed", type=int, help="the first one: the same order again")
    parser.add_argument("--seeds", type=int, default=1, help="how many in a row (1)")
    help_ = "how many times longer all may take, on a busy machine (1)"
    parser.add_argument("--slowness", type=float, default=1, help=help_)
    return parser.parse_args(arguments)


def chaos(arguments: list[str]) -> int:
    options = read_options(arguments)
    install(DEV)
    require_pango()
    first = time.time_ns() % 10_000 if options.seed is None else options.seed
    reports = {}
    with locked(CHAOS.with_suffix(".lock")):
        shutil.rmtree(CHAOS, ignore_errors=True)
        prepare()
        for seed in range(first, first + options.seeds):
            reports[seed] = play(seed, options.seconds, options.slowness)
            write_outcome(seed, reports[seed])
            if reports[seed]["faults"]:
                (CHAOS / "log").rename(CHAOS / f"log-{seed}")
        say(f"\n{table_of(reports)}")
        is_clean = not any(report["faults"] for report in reports.values())
        if is_clean:
            shutil.rmtree(CHAOS)
        else:
            say(f"\n  The logs stay in {CHAOS.name}/log-SEED/")
    CHAOS.with_suffix(".lock").unlink(missing_ok=True)
    return 0 if is_clean else 1


def prepare() -> None:
    """Make a demonstration's data once; each seed gets a copy."""
    servers = Servers(CHAOS)
    try:
        environment = demo_environment(CHAOS) | HERE | servers.start()
        with step("Preparing the data"):
            making = start(
                "prepare", MANAGE, "prepare", environment=environment, state=CHAOS
            )
            if making.wait():
                raise Failed(f"It failed: read {CHAOS.name}/log/prepare.log")
    finally:
        servers.stop()
    (CHAOS / "postgres").rename(PREPARED)


def play(seed: int, seconds: float, slowness: float) -> dict[str, Any]:
    """Play one seed; return its report."""
    with stack_of(seed) as stack:
        striker = Striker(stack, random.Random(seed), OUTAGES)
        workload = start(
            "workload",
            *(QUIET, "tests.chaos.workload", str(seed), str(PLAN), str(slowness)),
            environment=stack.environment,
            state=CHAOS,
        )
        stack.start()

        def work() -> None:
            wait_until(READY.exists, {"workload": workload}, CHAOS)
            say(f"  Seed {seed}: {seconds:.0f} s")
            striker.strike_for(seconds)
            workload.send_signal(signal.SIGTERM)

        try:
            in_thread(work, stack)
            processes.keep(
                stack.parts,
                stack.servers.processes,
                stack.starters,
                is_over=lambda: workload.poll() is not None or bool(stack.problem),
                report=lambda _: None,
            )
        except Failed as failure:
            stack.problem = str(failure)
        finally:
            stop({"workload": workload})
    report: dict[str, Any] = {"faults": [], "seen": {}, "done": {}, "waited": 0.0}
    if REPORT.exists():
        report = json.loads(REPORT.read_text())
    elif not stack.problem:
        stack.problem = f"the workload broke off: {CHAOS.name}/log/workload.log"
    if stack.problem:
        report["faults"].append(stack.problem)
    return report


@contextmanager
def stack_of(seed: int) -> Iterator[Stack]:
    """Start the servers with a copy of the prepared data; in the end stop all."""
    for path in (OUTAGES, REPORT, PLAN, READY):
        path.unlink(missing_ok=True)
    shutil.rmtree(CHAOS / "postgres", ignore_errors=True)
    subprocess.run(["cp", "-a", PREPARED, CHAOS / "postgres"], check=True)
    OUTAGES.touch()
    ports = {name: free_port() for name in ("web", "feed", "mail", "webhooks")}
    servers = Servers(CHAOS)
    stack = Stack(servers, environment_of(ports), ports)
    secret = stack.environment["OPUS_FEED_SECRETS"]
    files = {"outages": OUTAGES, "report": REPORT, "ready": READY}
    plan = {**ports, "secret": secret, **{k: str(v) for k, v in files.items()}}
    PLAN.write_text(json.dumps(plan))
    try:
        stack.environment |= servers.start()
        stack.environment.pop("OPUS_MIGRATE_URL")  # No part knows the owner.
        yield stack
    finally:
        stop(stack.parts)
        servers.stop()


def environment_of(ports: Mapping[str, int]) -> dict[str, str]:
    """Return the variables of a deployment on this machine."""
    at = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    secret = feed_environment()["OPUS_FEED_SECRETS"]
    return {
        **demo_environment(CHAOS),
        **HERE,
        **AS_DEPLOYED,
        "OPUS_PORT": str(ports["web"]),
        "OPUS_BIND": at["web"],
        "OPUS_FEED_BIND": at["feed"],
        "OPUS_FEED_SECRETS": secret,
        "OPUS_SMTP": f"smtp+plain://{at['mail']}",
        "OPUS_WEBHOOKS_URL": f"http://{at['webhooks']}/",
        "OPUS_WEBHOOKS_SECRET": secret,
    }


# --- What is printed ---------------------------------------------------------------


def write_outcome(seed: int, report: dict[str, Any]) -> None:
    done = ", ".join(f"{count} {what}" for what, count in report["done"].items())
    say(f"    {done}; all had left {report['waited']:.0f} s after the last one")
    for fault in report["faults"]:
        say(f"    FAULT {fault}")
    if not report["faults"]:
        say(f"    Seed {seed} is clean: nothing lost, doubled or left waiting.")


def table_of(reports: dict[int, dict[str, Any]]) -> str:
    """Return what was seen of each part, killed and frozen, in Markdown."""
    lines = [
        "| part | | times | longest | requests meanwhile | slowest answer | errors |",
        "|---|---|---|---|---|---|---|",
    ]
    for part in PARTS:
        for how in (KILLED, FROZEN):
            rows = [one["seen"].get(f"{part} {how}") for one in reports.values()]
            lines.append(line_of(part, how, list(filter(None, rows))))
    return "\n".join(lines)


def line_of(part: str, how: str, rows: list[dict[str, Any]]) -> str:
    bad: dict[str, int] = {}
    for row in rows:
        for status, count in row["bad"].items():
            bad[status] = bad.get(status, 0) + count
    longest = max((row["longest"] for row in rows), default=0)
    slowest = max((row["slowest"] for row in rows), default=0)
    words = ", ".join(f"{count} × {status}" for status, count in sorted(bad.items()))
    sums = [sum(row[name] for row in rows) for name in ("times", "sent")]
    return (
        f"| {part} | {how} | {sums[0]} | {longest:.1f} s | {sums[1]} |"
        f" {slowest:.1f} s | {words or 'nothing'} |"
    )
