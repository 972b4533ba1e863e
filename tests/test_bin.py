"""What the commands of bin/ decide before they start anything, and one real start."""

import gzip
import importlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import zipfile
from contextlib import nullcontext
from hashlib import sha256
from itertools import product, takewhile
from pathlib import Path
from types import SimpleNamespace

import common
import packages
import processes
import psycopg
import pytest
import servers
import stack
from checks import commands
from common import ROOT, Failed

from demo.synthetic import make_offers
from offers.payload.offer import read_offer
from offers.reference.places import french_gazetteer
from opus import gunicorn
from tests.benches import command, measures, real
from tests.benches.command import BENCHES
from tests.chaos import verdict
from tests.chaos.pages import Book, Sent
from tests.chaos.stack import FROZEN, KILLED, PARTS
from tests.chaos.verdict import Outage
from tests.conftest import wait_until


@pytest.mark.parametrize(
    ("megabytes", "shared_buffers", "work_mem"),
    [(512, "128MB", "2MB"), (4096, "1024MB", "16MB"), (65536, "2048MB", "32MB")],
)
def test_postgresql_gets_its_share_of_the_machine(
    monkeypatch, megabytes, shared_buffers, work_mem
):
    pages = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": megabytes * 256}
    monkeypatch.setattr(servers.os, "sysconf", pages.__getitem__)

    settings = servers.memory_settings()

    assert settings["shared_buffers"] == shared_buffers
    assert settings["work_mem"] == work_mem


def test_programs_older_than_postgresql_18_are_refused(monkeypatch, tmp_path):
    old = tmp_path / "postgres"
    old.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 17.6'\n")
    old.chmod(0o755)
    monkeypatch.setenv("OPUS_PG_BIN", str(tmp_path))

    with pytest.raises(Failed, match="holds no PostgreSQL 18"):
        servers.find_postgres()


@pytest.mark.parametrize("text", ["", "80a", "-1", "0", "65536"])
def test_an_odd_port_is_refused(monkeypatch, text):
    monkeypatch.setenv("OPUS_PORT", text)

    with pytest.raises(Failed, match="is no port"):
        stack.wanted_port()


@pytest.mark.parametrize("name", ["0001_initial.py", "sql/search.sql"])
def test_a_migration_that_changes_makes_the_tests_tables_again(
    monkeypatch, tmp_path, name
):
    migration = tmp_path / "offers/migrations" / name
    migration.parent.mkdir(parents=True)
    migration.write_text("before")
    monkeypatch.setattr(common, "ROOT", tmp_path)
    before = common.digest(*commands.SOURCES)

    migration.write_text("after")

    assert common.digest(*commands.SOURCES) != before


def test_a_folder_of_somebody_else_is_never_used(monkeypatch, tmp_path):
    monkeypatch.setattr(servers.os, "getuid", lambda: 987654)

    with pytest.raises(Failed, match="belongs to another user"):
        servers.make_private_folder(tmp_path)


def test_a_server_of_the_caller_needs_the_address_of_its_owner(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://opus@localhost/opus")
    monkeypatch.delenv("OPUS_MIGRATE_URL", raising=False)
    monkeypatch.setenv("REDIS_URL", "redis://localhost/0")
    own = servers.Servers(tmp_path)

    with pytest.raises(Failed, match="OPUS_MIGRATE_URL"):
        _ = own.addresses

    monkeypatch.setenv("OPUS_MIGRATE_URL", "postgres://opus_owner@localhost/opus")
    assert own.addresses == {
        "REDIS_URL": "redis://localhost/0",
        "DATABASE_URL": "postgres://opus@localhost/opus",
        "OPUS_MIGRATE_URL": "postgres://opus_owner@localhost/opus",
    }


def test_a_second_run_in_the_same_folder_names_the_first(monkeypatch, tmp_path):
    monkeypatch.setattr(stack, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(stack, "ADDRESSES", tmp_path / "stack.json")

    with stack.lock_stack():
        stack.write_addresses(8123, {})
        with (
            pytest.raises(Failed, match="already runs .* http://localhost:8123"),
            stack.lock_stack(),
        ):
            pytest.fail("it was let in")
        assert stack.ADDRESSES.stat().st_mode & 0o777 == 0o600

    with stack.lock_stack():
        assert not stack.ADDRESSES.exists()


def test_secrets_that_were_emptied_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(stack, "SECRETS", tmp_path / "secrets")
    (tmp_path / "secrets").write_text("OPUS_OTP_KEYS=abc\n")

    with pytest.raises(Failed, match="secrets is incomplete: restore it"):
        stack.kept_secrets()


def test_a_folder_without_postgresql_is_named_with_its_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("OPUS_PG_BIN", str(tmp_path / "nowhere"))

    with pytest.raises(Failed, match="OPUS_PG_BIN=.*nowhere holds no PostgreSQL 18"):
        servers.find_postgres()


def test_secrets_are_drawn_once_and_kept_from_others(monkeypatch, tmp_path):
    monkeypatch.setattr(stack, "SECRETS", tmp_path / "secrets")

    first = stack.kept_secrets()

    assert stack.kept_secrets() == first
    assert set(first) == {"OPUS_SECRET_KEY", "OPUS_OTP_KEYS"}
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o600


def starting(*addresses: object) -> SimpleNamespace:
    return SimpleNamespace(cfg=SimpleNamespace(address=list(addresses)))


@pytest.mark.parametrize(
    "address", [("0.0.0.0", 8000), ("::", 8000), ("192.0.2.7", 8000)]
)
def test_a_demonstration_is_not_served_to_other_machines(settings, address):
    settings.DEMO = True

    with pytest.raises(SystemExit, match="serves this machine alone"):
        gunicorn.on_starting(starting(("127.0.0.1", 8000), address))


@pytest.mark.django_db
def test_a_demonstration_is_served_to_this_machine(settings):
    settings.DEMO = True

    gunicorn.on_starting(starting(("127.0.0.1", 8000), ("::1", 8000)))


@pytest.mark.django_db
def test_a_deployment_is_served_to_all(settings):
    settings.DEMO = False

    gunicorn.on_starting(starting(("0.0.0.0", 8000)))


def test_a_worker_reads_beforehand_what_its_first_event_would_wait_for():
    """P3."""
    french_gazetteer.cache_clear()

    gunicorn.post_worker_init(SimpleNamespace())

    wait_until(lambda: french_gazetteer.cache_info().currsize)


@pytest.fixture
def checkout(tmp_path):
    """The files of this repository as a clone has them: no .opus, nothing built.

    Only the installed packages are lent to it: pip would take the better part of a
    minute.
    """
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    copy = tmp_path / "opus"
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    return copy


OURS = ("OPUS_", "DATABASE_URL", "REDIS_URL", "DJANGO_", "PYTEST_", "PYTHON")


def environment(**ours: str) -> dict[str, str]:
    """The variables of a terminal, with no setting of this suite."""
    return {key: os.environ[key] for key in os.environ if not key.startswith(OURS)} | (
        ours
    )


def type_in(checkout: Path, *command: str | Path, **ours: str) -> tuple[int, str]:
    """The exit code and all that is written."""
    done = subprocess.run(
        [*command],
        cwd=checkout,
        env=environment(**ours),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def manage(checkout: Path, *arguments: str) -> str:
    """What ``bin/manage`` says, typed in the folder above, with no setting of ours."""
    result = subprocess.run(
        [checkout / "bin" / "manage", *arguments],
        cwd=checkout.parent,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_a_command_typed_before_the_first_run_finds_its_tables_and_leaves_them(
    checkout,
):
    offers = make_offers(3)
    lines = "".join(json.dumps(offer) + "\n" for offer in offers)
    (checkout.parent / "offres.jsonl").write_text(lines)
    question = "from offers.models import Offer; print(Offer.objects.count())"
    # Of a bin/run that was killed: another command would go to its dead servers.
    (checkout / ".opus").mkdir(exist_ok=True)
    (checkout / ".opus" / "stack.json").write_text("{}")

    first = manage(checkout, "import_offers", "offres.jsonl")
    second = manage(checkout, "shell", "--verbosity", "0", "-c", question)

    assert "Making the tables" in first
    # The cluster is no longer new: nothing is made again, nothing was lost.
    assert second == "3\n"
    assert not (checkout / ".opus" / "stack.json").exists()


@pytest.mark.parametrize(
    "name",
    [
        "run",
        "manage",
        *(
            pytest.param(name, marks=pytest.mark.thorough)
            for name in ("test", "check", "audit", "bench", "chaos")
        ),
    ],
)
def test_each_command_explains_itself_and_installs_nothing(checkout, name):
    (checkout / ".venv").unlink()

    code, told = type_in(checkout, checkout / "bin" / name, "--help")

    assert code == 0, told
    assert told.startswith(f"usage: bin/{name}")
    assert not (checkout / ".venv").exists()


def test_a_port_that_is_taken_is_seen_before_anything_is_installed(checkout):
    (checkout / ".venv").unlink()

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        run = checkout / "bin" / "run"
        code, told = type_in(checkout, run, OPUS_PORT=str(port))

    assert code == 1
    assert f"OPUS_PORT={port + 1} bin/run" in told
    assert not (checkout / ".venv").exists()


TYPED = (["run"], ["test"], ["check"], ["manage", "check"])


def as_anybody() -> list[str]:
    """The prefix of a program for which permissions count, root's too."""
    caps = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={caps}"] if os.geteuid() == 0 else []


@pytest.mark.thorough
def test_a_state_folder_that_is_a_file_or_closed_is_named(checkout, subtests):
    (checkout / ".venv").unlink()
    for is_file in (True, False):
        (checkout / ".opus").touch() if is_file else (checkout / ".opus").mkdir(mode=0)
        for name, *words in (
            ["run"],
            ["manage", "check"],
            ["test"],
            ["check"],
            ["audit"],
        ):
            with subtests.test(command=name, is_file=is_file):
                command = [checkout / "bin" / name, *words]

                code, told = type_in(checkout, *as_anybody(), *command)

                assert code == 1
                assert f"{checkout}/.opus" in told
                assert "then try again" in told
                assert "Traceback" not in told
        (checkout / ".opus").unlink() if is_file else (checkout / ".opus").rmdir()


def press_ctrl_c(started: subprocess.Popen[str]) -> tuple[int, str]:
    """As a terminal does: all of the group receive it."""
    os.killpg(started.pid, signal.SIGINT)
    try:
        told, _ = started.communicate(timeout=60)
    finally:
        started.kill()
    # A shell says 130 of a program that the signal ended.
    return 130 if started.returncode == -signal.SIGINT else started.returncode, told


def begin(checkout: Path, *command: str | Path, **ours: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=checkout,
        env=environment(**ours),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


@pytest.mark.thorough
def test_ctrl_c_while_venv_is_made_leaves_nothing_of_it(checkout, subtests):
    (checkout / ".venv").unlink()
    for name, *words in TYPED:
        with subtests.test(command=name):
            started = begin(checkout, checkout / "bin" / name, *words)
            wait_until((checkout / ".venv" / "lib").exists, seconds=30)

            code, told = press_ctrl_c(started)

            assert code == 130
            assert told.endswith("\nStopped.\n")
            assert "Traceback" not in told
            assert not (checkout / ".venv").exists()
            assert programs_in(checkout) == ""


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_bin_run_names_its_feed(checkout):
    """Where a proxy sends the path of the events."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    started = begin(checkout, checkout / "bin" / "run", OPUS_PORT=str(port))
    try:
        lines = list(takewhile(lambda line: "Ctrl-C" not in line, started.stdout))

        address = f"unix:{checkout}/.opus/feed.sock"
        assert f"The feed's events: {address}\n" in lines, "".join(lines)
        wait_until((checkout / ".opus" / "feed.sock").is_socket, seconds=60)
    finally:
        code, _ = press_ctrl_c(started)
    assert code == 130
    assert programs_in(checkout) == ""


def test_packages_that_a_kill_left_half_installed_are_installed_anew(
    monkeypatch, tmp_path
):
    """Only the copy of a lock says that an installation ended."""
    monkeypatch.setattr(packages, "VENV", tmp_path)

    assert not packages.is_whole()  # This suite's Python works, but nothing says more.
    (tmp_path / "run.lock").touch()
    assert packages.is_whole()


def wheel_of(folder: Path, name: str, module: str) -> str:
    """Make a package of one module; return its line of a lock."""
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr(f"{name}/__init__.py", "")
        file.writestr(f"{name}/__main__.py", module)
        file.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        )
        file.writestr(
            f"{about}/WHEEL",
            "Wheel-Version: 1.0\nTag: py3-none-any\nRoot-Is-Purelib: true\n",
        )
        file.writestr(f"{about}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{sha256(wheel.read_bytes()).hexdigest()}\n"


def test_pip_installs_what_uv_cannot_fetch(monkeypatch, tmp_path):
    """As where the registry is named in pip's own settings alone."""
    for name, folder in (("STATE", "state"), ("VENV", "venv"), ("REQUIREMENTS", "")):
        monkeypatch.setattr(packages, name, tmp_path / folder)
    monkeypatch.setattr(packages, "PYTHON", f"{tmp_path}/venv/bin/python")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    failing = "open('asked', 'w').close(); raise SystemExit(2)"
    (tmp_path / "installer.lock").write_text(wheel_of(tmp_path, "uv", failing))
    (tmp_path / "run.lock").write_text(wheel_of(tmp_path, "wanted", ""))
    monkeypatch.chdir(tmp_path)

    compiler = packages.install(("run",))
    compiler.wait()

    assert (tmp_path / "asked").exists()
    assert packages.finish(packages.PYTHON, "-m", "wanted") == (0, "")
    assert packages.install(("run",)) is None


def test_ctrl_c_at_the_very_start_shows_no_traceback(checkout, subtests):
    for (name, *words), delay in product(TYPED, (0.02, 0.05, 0.1, 0.2)):
        with subtests.test(command=name, delay=delay):
            started = begin(checkout, checkout / "bin" / name, *words)
            time.sleep(delay)

            code, told = press_ctrl_c(started)

            assert (code, "Traceback" in told) == (130, False)


def test_ctrl_c_while_a_module_is_imported_shows_no_traceback(tmp_path):
    """Pytest with Django takes seconds to begin, and would show all of them."""
    (tmp_path / "slow.py").write_text(
        "import time\nprint(1, flush=True)\ntime.sleep(60)"
    )
    command = [common.PYTHON, common.QUIET, "slow"]
    started = subprocess.Popen(
        command,
        env=environment(PYTHONPATH=str(tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdout.readline() == "1\n"

    started.send_signal(signal.SIGINT)
    told = started.communicate(timeout=60)

    assert (started.returncode, told) == (130, ("", ""))


@pytest.mark.parametrize(("code", "is_interrupted"), [(2, True), (0, False)])
def test_ctrl_c_in_a_command_counts_if_it_ended_the_command(code, is_interrupted):
    """Pytest ends with 2; a shell of Python goes on, and ends with 0."""
    script = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGINT, lambda *_: None)\n"
        "os.kill(os.getppid(), signal.SIGINT)\n"
        f"time.sleep(0.5); sys.exit({code})"
    )
    expected = pytest.raises(KeyboardInterrupt) if is_interrupted else nullcontext()

    with expected:
        assert processes.call("-c", script, environment={}) == 0


def programs_in(folder: Path) -> str:
    """The command lines of what runs in a folder or below."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append((process / "cmdline").read_text())
        except OSError:  # It has just ended.
            continue
    return "\n".join(filter(None, found))


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL]
)
def test_a_check_that_is_ended_leaves_no_child(checkout, number):
    check = subprocess.Popen(
        [checkout / "bin" / "check"],
        cwd=checkout,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(
            lambda: all(
                name in programs_in(checkout)
                for name in ("bin/postgres", "valkey-server", "mypy", "djlint")
            ),
            seconds=100,
        )
        if number == signal.SIGINT:  # A terminal sends it to all of them.
            os.killpg(check.pid, number)
        else:
            check.send_signal(number)
        check.wait(30)
        assert check.returncode == (130 if number != signal.SIGKILL else -number)

        wait_until(lambda: programs_in(checkout) == "", seconds=20)
    finally:
        check.kill()
        check.wait()


# --- bin/bench -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["serach"], "does not know “serach”. It measures .*snapshot.* bin/bench all"),
        ([], "does not know “”"),
        (["snapshot", "--offers", "0"], "--offers 0: write a whole number from 1"),
        (["snapshot", "--offers", "1e6"], "--offers 1e6: write a whole number"),
        (["snapshot", "--real", "nulle-part"], "nulle-part: there is no such file"),
    ],
)
def test_what_bin_bench_does_not_understand_is_told_in_a_sentence(words, sentence):
    with pytest.raises(Failed, match=sentence):
        command.read_options(words)


def test_all_benches_are_asked_for_one_by_one_with_the_same_words(tmp_path):
    file = tmp_path / "offres.jsonl"
    file.touch()

    options = command.read_options(["all", "--offers", "500", "--real", str(file)])

    commands = list(command.commands_of(options))
    assert [name for name, *_ in commands] == list(BENCHES)
    for words in commands:
        one = command.read_options(words)
        assert (one.offers, one.real) == ("500", file)


def test_every_bench_that_is_announced_can_be_run():
    modules = [importlib.import_module(f"tests.benches.{name}") for name in BENCHES]

    assert all(callable(module.run) for module in modules)


@pytest.mark.parametrize(
    ("share", "value"), [(50, 3), (80, 4), (95, 5), (99, 5), (100, 5), (1, 1)]
)
def test_a_percentile_is_a_value_that_was_measured(share, value):
    assert measures.percentile([5, 3, 1, 4, 2], share) == value


def test_a_table_of_figures_reads_as_markdown(capsys):
    table = measures.Table("recherche", "p50", "pages")
    table.add("un mot", 12.3456, 1_234_567)
    table.add("deux mots", 0.01234, 3)

    table.print()

    assert capsys.readouterr().out == (
        "| recherche |   p50 |     pages |\n"
        "| --------- | ----: | --------: |\n"
        "| un mot    |  12.3 | 1 234 567 |\n"
        "| deux mots | 0.012 |         3 |\n"
        "\n"
    )


def test_a_bench_never_fills_a_server_of_the_caller(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://opus@localhost/production")

    with pytest.raises(Failed, match="unset DATABASE_URL"), command.kept_servers():
        pytest.fail("its servers were lent")


def test_real_offers_are_multiplied_with_numbers_dates_and_places_of_their_own():
    originals = [
        {"id": "188VMCV", "intitule": "Maçon (H/F)", "description": "Des murs."},
        {"id": "188VMCW", "intitule": "Cuisinier", "description": "Des plats."},
    ]

    offers = list(real.multiply(originals, 7))

    texts = [offer["description"] for offer in offers]
    assert texts == [*["Des murs.", "Des plats."] * 3, "Des murs."]
    assert [offer["intitule"] for offer in offers[:2]] == ["Maçon (H/F)", "Cuisinier"]
    for part in ("id", "dateCreation", "lieuTravail"):
        assert len({json.dumps(offer[part]) for offer in offers}) == 7
    contents = [read_offer(offer) for offer in offers]
    assert all(content.updated_at >= content.created_at for content in contents)


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_a_bench_keeps_its_offers_and_prints_what_the_work_on_them_costs(checkout):
    bench = (checkout / "bin" / "bench", "snapshot", "--offers", "400")
    code, printed = type_in(checkout, *bench)

    assert code == 0, printed
    for row in ("5 % changed", "5 % withdrawn"):
        assert f"| {row} " in printed
    assert "20 updated, 380 unchanged" in printed
    assert "380 unchanged, 20 withdrawn" in printed
    [file] = (checkout / ".opus-bench").glob("offers_400_*.jsonl.gz")
    assert gzip.decompress(file.read_bytes()).count(b"\n") == 400
    told = json.loads(file.with_name(f"{file.name[:-9]}.json").read_text())
    assert told["first_load"]["seconds"] > 0


# --- bin/chaos ---------------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.timeout(1200)
def test_each_part_is_killed_and_frozen_while_people_work_and_nothing_is_lost(checkout):
    """R24, R29: acts, CVs, files, letters, events, by the pages alone; R28 is 0."""
    chaos = (checkout / "bin" / "chaos", "--seed", "7", "--slowness", "3")
    code, printed = type_in(checkout, *chaos)

    assert code == 0, printed
    for part, how in product(PARTS, (KILLED, FROZEN)):
        row = rf"^\| {part} \| {how} \| [1-9]"
        assert re.search(row, printed, re.MULTILINE), printed
    assert "Seed 7 is clean" in printed
    assert not (checkout / ".opus-chaos").exists()


def test_what_a_dead_part_had_started_ends_before_it_starts_again(tmp_path):
    """R13: a server killed alone leaves children, which still listen on its port."""
    child = tmp_path / "child"
    words = f"sleep 60 & echo $! > {child}.new && mv {child}.new {child}; wait"

    def start() -> processes.Process:
        return processes.spawn([], "sh", "-c", words, log=tmp_path / "log")

    parts = {"web": start()}
    wait_until(child.exists)
    first, left_over = parts["web"], int(child.read_text())
    first.kill()
    try:
        processes.keep(
            parts, {}, {"web": start}, is_over=lambda: parts["web"] is not first
        )
        wait_until(lambda: not is_running(left_over))
    finally:
        os.killpg(parts["web"].pid, signal.SIGKILL)
        parts["web"].wait()


@pytest.mark.thorough
def test_postgresql_starts_again_although_a_statement_of_the_dead_one_goes_on(tmp_path):
    """R13: its processes outlive it until their statement ends."""
    own = servers.Servers(tmp_path, throw_away=True)
    own.logs.mkdir()
    servers.make_private_folder(own.sockets)
    first = own.run_postgres()
    endless = "SELECT count(*) FROM generate_series(1, 10000000000)"
    address = f"host={own.sockets} user=postgres dbname=postgres"
    words = [servers.find_postgres() / "psql", address, "-c", endless]
    client = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_busy(address))
        first.kill()
        first.wait()
        own.run_postgres()
        with psycopg.connect(address) as again:
            assert again.execute("SELECT 1").fetchone() == (1,)
    finally:
        client.kill()
        client.wait()
        own.stop()


def is_busy(address: str) -> bool:
    with psycopg.connect(address) as link:
        running = "SELECT query FROM pg_stat_activity WHERE state = 'active'"
        return any("generate_series" in text for (text,) in link.execute(running))


def is_running(pid: int) -> bool:
    """Whether it lives: a child of nobody may stay as a zombie."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_letters_and_answers_are_judged_by_what_was_away():
    """R29: a 503 is PostgreSQL's, no answer the site's; the broker excuses nothing."""
    away = [
        Outage("valkey", "frozen", 100, 105),
        Outage("postgres", "frozen", 200, 205),
        Outage("web", "killed", 300, 301),
    ]
    sent = [
        Sent("web", "act", 101, 102, 503),
        Sent("web", "search", 204, 211, 503),
        Sent("web", "page", 300.5, 300.5, 0),
        Sent("web", "page", 250, 251, 500),
        Sent("web", "page", 204, 206, 500),
        Sent("web", "search", 400, 430, 200),
    ]

    faults = list(verdict.bad_answers(Book(sent=sent), away))

    assert faults == [
        "act: 503, with valkey frozen (1 times)",
        "page: 500, with every part there (1 times)",
        "page: 500, with postgres frozen (1 times)",
        "search: an answer after 30 s (1 times)",
    ]
    assert verdict.may_repeat(199, 203, away)
    assert not verdict.may_repeat(400, 401, away)


def test_a_part_that_dies_starts_again_three_times_a_minute(capsys):
    """R13: who types bin/run reads of each, and of the fourth that all stops."""
    started = []

    def start() -> processes.Process:
        started.append(subprocess.Popen(["false"]))
        return started[-1]

    server = subprocess.Popen(["sleep", "60"])
    parts = {"worker": start()}
    try:
        with pytest.raises(Failed, match=r"worker process ended .*All is stopped"):
            processes.keep(parts, {"postgres": server}, {"worker": start})
    finally:
        server.kill()
        server.wait()

    assert len(started) == 1 + 3
    assert parts["worker"] is started[-1]
    assert capsys.readouterr().out.count("It starts again.") == 3
