"""Background files in tests: what a worker would make of a row."""

from opus.lib import background_files


def make_file(file):
    background_files.make_file(file._meta.label_lower, str(file.pk))
