"""S31: no form accepts a file that is not inspected, or read as a list."""

import importlib
from collections.abc import Iterator

from django import forms

from opus.lib.uploads.csv_import import ListField
from opus.lib.uploads.fields import PdfField
from referrals.cv_requests.forms import CvField


def forms_of_the_product() -> Iterator[type[forms.BaseForm]]:
    importlib.import_module("opus.urls")
    waiting = [forms.BaseForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.split(".")[0] in {"accounts", "offers", "opus", "referrals"}:
            yield form


def test_each_file_goes_through_a_field_that_inspects_or_reads_it():
    found = {
        (form.__name__, type(field))
        for form in forms_of_the_product()
        for field in getattr(form, "base_fields", {}).values()
        if isinstance(field, forms.FileField)
    }

    assert {kind for _, kind in found} == {PdfField, CvField, ListField}
    assert {name for name, kind in found if kind is not ListField} == {
        *("ReceiveCvForm", "ReceiveForm"),  # The same, by an adviser or by staff.
        *("ObserveForm", "SignedCopyForm", "MinutesFileForm"),
    }
