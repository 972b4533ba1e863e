"""Background files in tests: what a worker would make of a row."""

from opus.lib.files import tasks


def make_file(file):
    tasks.make_file(file._meta.label_lower, str(file.pk))
