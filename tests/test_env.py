"""The readers of the environment."""

from functools import partial

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


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (env_str, " a name ", "a name"),
        *((env_bool, word, True) for word in ("1", "true", " Yes ", "ON")),
        *((env_bool, word, False) for word in ("0", "false", "no", "off", "")),
        (partial(env_int, default=3), " 12 ", 12),
        (env_list, "a, b,,", ["a", "b"]),
        (env_sentry, *["https://cle@sentry.example.fr/7"] * 2),
    ],
)
def test_a_value_is_read_without_outer_spaces(monkeypatch, read, text, value):
    monkeypatch.setenv("OPUS_TRIAL", text)

    assert read("OPUS_TRIAL") == value


@pytest.mark.parametrize(
    ("read", "default", "value"),
    [
        (env_bool, [], False),
        (env_int, [3], 3),
        (env_list, [], []),
        (env_list, ["x,y"], ["x", "y"]),
    ],
)
def test_an_absent_value_is_its_default(monkeypatch, read, default, value):
    monkeypatch.delenv("OPUS_TRIAL", raising=False)

    assert read("OPUS_TRIAL", *default) == value
    assert env_bool("OPUS_TRIAL", default=True) is True


@pytest.mark.parametrize("read", [env_str, env_secret])
def test_a_missing_value_without_default_stops_the_start(monkeypatch, read):
    monkeypatch.delenv("OPUS_TRIAL", raising=False)
    monkeypatch.delenv("OPUS_TRIAL_FILE", raising=False)

    with pytest.raises(ImproperlyConfigured, match="OPUS_TRIAL is not set"):
        read("OPUS_TRIAL")
    assert env_secret("OPUS_TRIAL", stand_in="for a test") == "for a test"


@pytest.mark.parametrize(
    ("read", "odd", "told"),
    [
        (env_bool, "maybe", "OPUS_TRIAL='maybe'"),
        (partial(env_int, default=3), "1,5", "whole number"),
        *(
            (env_optional_bind, odd, "OPUS_TRIAL=.*: write one host")
            for odd in ("9464", "unix:/x.sock", "a:1,b:2", "a:0", "a:", "a:65536")
        ),
    ],
)
def test_an_odd_value_stops_the_start(monkeypatch, read, odd, told):
    monkeypatch.setenv("OPUS_TRIAL", odd)

    with pytest.raises(ImproperlyConfigured, match=told):
        read("OPUS_TRIAL")


@pytest.mark.parametrize(
    ("address", "port"), [("127.0.0.1:9464", "9464"), ("[::1]:9465", "9465"), ("", "")]
)
def test_the_port_of_an_address_is_read(monkeypatch, address, port):
    monkeypatch.setenv("OPUS_TRIAL", address)

    assert port_of(env_optional_bind("OPUS_TRIAL")) == port


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
