#!/usr/bin/env python
"""Django's command line. ``bin/manage`` calls it with the stack's addresses."""

import os
import signal
import sys

# Ctrl-C while Django is imported: an end without a traceback; bin/manage blocked it.
on_interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

from django.core.management import execute_from_command_line  # noqa: E402

from opus.command_line import plain_errors  # noqa: E402
from opus.startup import load_settings  # noqa: E402

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
    signal.signal(signal.SIGINT, on_interrupt)
    with plain_errors(sys.argv):
        load_settings()
        execute_from_command_line(sys.argv)
