#!/usr/bin/env python
"""Django's command line. ``bin/manage`` calls it with the stack's addresses."""

import os
import sys

from django.core.management import execute_from_command_line

from opus.startup import load_settings

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opus.settings")
    load_settings()
    execute_from_command_line(sys.argv)
