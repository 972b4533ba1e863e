"""The readers of the environment."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from opus.env import (
    env_bool,
    env_int,
    env_list,
    env_optional_bind,
    env_secret,
    env_sentry,
    env_str,
    port_of,
)


def test_a_text_is_read_without_its_outer_spaces(monkeypatch):
    monkeypatch.setenv("OPUS_TRIAL", " a name ")

    assert env_str("OPUS_TRIAL") == "a name"


def test_a_missing_text_without_default_stops_the_start(monkeypatch):
    monkeypatch.delenv("OPUS_TRIAL", raising=False)

    with pytest.raises(ImproperlyConfigured, match="OPUS_TRIAL is not set"):
        env_str("OPUS_TRIAL")


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("1", True),
        ("true", True),
        (" Yes ", True),
        ("ON", True),
        ("0", False),
        ("false", False),
        ("no", False),
        ("off", False),
        ("", False),
    ],
)
def test_a_yes_or_no_is_read_in_its_usual_spellings(monkeypatch, word, answer):
    monkeypatch.setenv("OPUS_TRIAL", word)

    assert env_bool("OPUS_TRIAL") is answer


def test_an_absent_yes_or_no_is_its_default(monkeypatch):
    monkeypatch.delenv("OPUS_TRIAL", raising=False)

    assert env_bool("OPUS_TRIAL") is False
    assert env_bool("OPUS_TRIAL", default=True) is True


def test_an_odd_yes_or_no_stops_the_start(monkeypatch):
    monkeypatch.setenv("OPUS_TRIAL", "maybe")

    with pytest.raises(ImproperlyConfigured, match="OPUS_TRIAL='maybe'"):
        env_bool("OPUS_TRIAL")


def test_a_whole_number_is_read(monkeypatch):
    monkeypatch.setenv("OPUS_TRIAL", " 12 ")

    assert env_int("OPUS_TRIAL", 3) == 12


def test_an_absent_whole_number_is_its_default(monkeypatch):
    monkeypatch.delenv("OPUS_TRIAL", raising=False)

    assert env_int("OPUS_TRIAL", 3) == 3


def test_an_odd_number_stops_the_start(monkeypatch):
    monkeypatch.setenv("OPUS_TRIAL", "1,5")

    with pytest.raises(ImproperlyConfigured, match="whole number"):
        env_int("OPUS_TRIAL", 3)


def test_a_list_leaves_empty_values_out(monkeypatch):
    monkeypatch.setenv("OPUS_TRIAL", "a, b,,")

    assert env_list("OPUS_TRIAL") == ["a", "b"]


def test_an_absent_list_is_its_default(monkeypatch):
    monkeypatch.delenv("OPUS_TRIAL", raising=False)

    assert env_list("OPUS_TRIAL") == []
    assert env_list("OPUS_TRIAL", "x,y") == ["x", "y"]


@pytest.mark.parametrize(
    ("address", "port"), [("127.0.0.1:9464", "9464"), ("[::1]:9465", "9465"), ("", "")]
)
def test_the_port_of_an_address_is_read(monkeypatch, address, port):
    monkeypatch.setenv("OPUS_TRIAL", address)

    assert port_of(env_optional_bind("OPUS_TRIAL")) == port


@pytest.mark.parametrize(
    "odd", ["9464", "unix:/x.sock", "a:1,b:2", "a:0", "a:", "a:65536"]
)
def test_an_address_without_a_port_stops_the_start(monkeypatch, odd):
    monkeypatch.setenv("OPUS_TRIAL", odd)

    with pytest.raises(ImproperlyConfigured, match="OPUS_TRIAL=.*: write one host"):
        env_optional_bind("OPUS_TRIAL")


def test_a_dsn_is_read(monkeypatch):
    monkeypatch.setenv("OPUS_TRIAL", "https://cle@sentry.example.fr/7")

    assert env_sentry("OPUS_TRIAL") == "https://cle@sentry.example.fr/7"


@pytest.mark.parametrize(
    "odd",
    [
        "sentry.example.fr",
        "https://sentry.example.fr/7",
        "https://cle@sentry.example.fr",
        "https://cle@[sentry/7",
        "https://cle@sentry:99999/7",
    ],
)
def test_an_odd_dsn_stops_the_start_and_is_not_shown(monkeypatch, odd):
    monkeypatch.setenv("OPUS_TRIAL", odd)

    with pytest.raises(ImproperlyConfigured, match="^OPUS_TRIAL: write https") as said:
        env_sentry("OPUS_TRIAL")
    assert odd not in str(said.value)


def test_a_secret_comes_from_the_file_that_the_operator_names(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("OPUS_TRIAL_FILE", str(tmp_path / "key"))

    assert env_secret("OPUS_TRIAL") == "from the file"


def test_a_secret_has_no_default(monkeypatch):
    monkeypatch.delenv("OPUS_TRIAL", raising=False)
    monkeypatch.delenv("OPUS_TRIAL_FILE", raising=False)

    with pytest.raises(ImproperlyConfigured, match="OPUS_TRIAL is not set"):
        env_secret("OPUS_TRIAL")
    assert env_secret("OPUS_TRIAL", stand_in="for a test") == "for a test"
