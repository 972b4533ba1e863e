"""R15: alert rules that promtool accepts, on figures that exist, as the page says."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from tests.offers.helpers.factories import FeedDeliveryFactory
from tests.test_operations_pages import section

FILE = Path(settings.BASE_DIR, "docs", "operations", "alerts.yml")
RULES = {
    rule["alert"]: rule
    for group in yaml.safe_load(FILE.read_text())["groups"]
    for rule in group["rules"]
}
# Each alert with figures that raise it, and the minute at which it must be there.
RAISED = {
    "OpusAway": (['up{job="opus"} 0x90'], 5),
    "OpusErrors": (
        [
            'opus_http_requests_total{status="200"} 0+95x90',
            'opus_http_requests_total{status="503"} 0+5x90',
        ],
        15,
    ),
    "OpusSlow": (
        [
            'opus_http_request_seconds_bucket{view="home",le="2.5"} 0+90x90',
            'opus_http_request_seconds_bucket{view="home",le="5"} 0+100x90',
            'opus_http_request_seconds_bucket{view="home",le="+Inf"} 0+100x90',
        ],
        20,
    ),
    "OpusFeedSilent": (["opus_feed_silence_seconds 301x90"], 1),
    "OpusFeedLate": (["opus_feed_lag_seconds 61x90"], 10),
    "OpusFeedRejects": (["opus_feed_rejected_events 1x90"], 61),
    "OpusOutboxLate": (['opus_outbox_oldest_age_seconds{channel="mail"} 301x90'], 1),
    "OpusOutboxGivenUp": (["opus_outbox_given_up 0x5 1x90"], 10),
    "OpusFilesLate": (['opus_files_oldest_age_seconds{kind="document"} 301x90'], 1),
    "OpusTasksWait": (["opus_broker_waiting 501x90"], 10),
    "OpusBrokerAway": (["opus_mute 0x90"], 5),
    "OpusRefusals": (['opus_refusals_last_hour{action="x"} 5x60 100x30'], 80),
    "OpusGraveAlert": (['opus_alerts_open{level="grave"} 1x90'], 61),
    "OpusJobsOverdue": (["opus_jobs_overdue 1x90"], 10),
    "OpusInvariantBroken": (['opus_invariant_broken_rows{name="quota"} 1x90'], 1),
    "OpusAntivirusAway": (["opus_antivirus_away 1x90"], 10),
    "OpusMute": (["opus_mute 1x90", "opus_broker_waiting 0x90"], 1),
}
CALM = [
    'up{job="opus"} 1x90',
    'opus_http_requests_total{status="200"} 0+1000x90',
    'opus_http_requests_total{status="503"} 0+1x90',
    'opus_http_request_seconds_bucket{view="home",le="2.5"} 0+100x90',
    'opus_http_request_seconds_bucket{view="home",le="+Inf"} 0+100x90',
    # The feed's batches may take long: they are no pages.
    'opus_http_request_seconds_bucket{view="feed_events",le="2.5"} 0x90',
    'opus_http_request_seconds_bucket{view="feed_events",le="+Inf"} 0+900x90',
    "opus_feed_silence_seconds 30x90",
    "opus_feed_lag_seconds 2x90",
    "opus_feed_rejected_events 0x90",
    'opus_outbox_oldest_age_seconds{channel="mail"} 20x90',
    "opus_outbox_given_up 3x90",
    'opus_files_oldest_age_seconds{kind="document"} 20x90',
    "opus_broker_waiting 4x90",
    'opus_refusals_last_hour{action="x"} 40x90',
    'opus_alerts_open{level="signal"} 4x90',
    "opus_jobs_overdue 0x90",
    'opus_invariant_broken_rows{name="quota"} 0x90',
    "opus_antivirus_away 0x90",
    "opus_mute 0x90",
]


def promtool(*words: str) -> subprocess.CompletedProcess[str]:
    if not shutil.which("promtool"):
        pytest.skip("promtool is missing: Debian has it in the package promtool.")
    command = ["promtool", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_promtool_accepts_the_rules():
    checked = promtool("check", "rules", str(FILE))

    assert checked.returncode == 0, checked.stderr
    assert f"{len(RULES)} rules found" in checked.stdout


def calm(folder: Path, figures: list[str], minute: int, *names: str) -> bool:
    """Return whether none of these alerts is raised, as Prometheus sees it."""
    series = [
        dict(zip(("series", "values"), one.split(" ", 1), strict=True))
        for one in figures
    ]
    expected = [{"eval_time": f"{minute}m", "alertname": name} for name in names]
    day = {"interval": "1m", "input_series": series, "alert_rule_test": expected}
    file = folder / "day.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(FILE)], "tests": [day]}))
    tested = promtool("test", "rules", str(file))
    text = tested.stdout + tested.stderr
    assert tested.returncode == 0 or f"alertname: {names[0]}" in text, text
    return tested.returncode == 0


@pytest.mark.parametrize("name", RULES)
def test_an_alert_is_raised_by_its_figures(tmp_path, name):
    figures, minute = RAISED[name]

    assert not calm(tmp_path, figures, minute, name)


def test_a_calm_day_raises_none(tmp_path):
    """The control."""
    assert calm(tmp_path, CALM, 80, *RULES)


@pytest.mark.django_db
def test_each_figure_of_a_rule_exists(client, settings):
    """R15: a rule about a figure that has another name would never be raised."""
    settings.METRICS_TOKEN = "jeton"
    settings.METRICS_PORTS = {"web": "9464", "feed": ""}
    settings.FEED_SECRETS = ["whsec_AAAA"]
    FeedDeliveryFactory(received=1)
    options = {"headers": {"authorization": "Bearer jeton"}, "SERVER_PORT": "9464"}
    client.get("/livez")
    text = client.get("/metriques/", **options).text
    shown = set(re.findall(r"^(?:# TYPE )?(opus_\w+)", text, re.MULTILINE))

    rules = " ".join(rule["expr"] for rule in RULES.values())

    assert set(re.findall(r"opus_\w+", rules)) <= shown


def test_the_page_for_operators_names_each_rule_and_no_other():
    told = re.findall(r"`(Opus\w+)`", section("Figures for operators"))

    assert sorted(told) == sorted(RULES)
    assert RAISED.keys() == RULES.keys()


def test_each_rule_says_how_urgent_it_is_and_what_happens():
    assert {rule["labels"]["severity"] for rule in RULES.values()} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"] for rule in RULES.values())
