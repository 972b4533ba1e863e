"""What the settings make of each environment given on standard input, as JSON.

A program of its own: within pytest the settings have the stand-ins of tests.
"""

import json
import os
import runpy
import sys

from django.core.exceptions import ImproperlyConfigured


def outcome(environment: dict[str, str]) -> str:
    """Nothing, or the sentence of the refusal, or the name of another error."""
    os.environ.clear()
    os.environ.update(environment)
    try:
        runpy.run_path("opus/settings.py")
    except ImproperlyConfigured as refusal:
        return f"refused: {refusal}"
    except Exception as error:  # noqa: BLE001 - the test names it
        return f"broken: {error!r}"
    return ""


if __name__ == "__main__":
    json.dump([outcome(each) for each in json.load(sys.stdin)], sys.stdout)
