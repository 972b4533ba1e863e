"""The pages for operators name what the code has, and nothing else."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from accounts.security.models import Rule
from opus.celery import app
from opus.lib.outbound import outbox
from opus.lib.privacy import retention
from opus.operations.metrics import Figures
from tests.offers.helpers.factories import FeedDeliveryFactory

ROOT = Path(settings.BASE_DIR)
AT_NIGHT = (ROOT / "docs" / "operations" / "at-night.md").read_text()


def section(title: str) -> str:
    return AT_NIGHT.split(f"## {title}\n")[1].split("\n## ")[0]


def first_cells(title: str) -> str:
    """The first column of the tables under a heading."""
    lines = [line for line in section(title).splitlines() if line.startswith("| ")]
    return "\n".join(line.split(" | ")[0] for line in lines)


@pytest.mark.django_db
def test_every_email_has_its_reader():
    app.loader.import_default_modules()  # As a worker does, with every effect.
    told = re.findall(r"`([a-z-]+)`", first_cells("Who receives which e-mail"))

    assert sorted(told) == sorted(
        name
        for name, effect in outbox.REGISTRY.items()
        if effect.channel is outbox.Channel.MAIL
        and not effect.compose.__module__.startswith("tests.")
    )


def test_every_alert_has_its_first_gesture():
    """S39."""
    told = re.findall(r"\*([^*]+)\*", first_cells("Alerts"))

    assert sorted(told) == sorted(str(rule.label) for rule in Rule)


def test_every_job_has_what_its_lateness_means():
    """R25."""
    apps = ("demo", "accounts", "offers", "opus", "referrals")
    sources = [each for app in apps for each in ROOT.glob(f"{app}/**/*.py")]
    text = "".join(path.read_text() for path in sources)
    declared = re.findall(
        r"jobs\.exclusive\((?:\"([\w-]+)\"|(?:retention\.)?JOB)", text
    )

    told = re.findall(r"`([a-z-]+)`", first_cells("Regular jobs"))

    assert sorted(told) == sorted(name or retention.JOB for name in declared)


@pytest.mark.django_db
def test_every_figure_is_told(settings):
    """R15."""
    settings.FEED_SECRETS = ["whsec_AAAA"]
    FeedDeliveryFactory(received=1)
    told = re.findall(r"`(opus_\w+)", first_cells("Figures for operators"))

    of_requests = ["opus_http_requests_total", "opus_http_request_seconds"]
    of_requests += ["opus_search_statements_total"]
    of_the_database = [family.name for family in Figures().collect()]
    assert sorted(told) == sorted(of_requests + of_the_database)
