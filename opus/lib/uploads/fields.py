"""The field for a PDF that somebody scanned or received."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from opus.lib.uploads import received

UNKNOWN = "Ce fichier n’est pas un PDF : enregistrez le document dans ce format."


class PdfField(forms.FileField):
    """Its value is the bytes."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.FileInput(attrs={"accept": "application/pdf,.pdf"})
        super().__init__(widget=widget, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file: UploadedFile = super().clean(data, initial)
        content = file.read(received.MAX_BYTES + 1)
        if not content.startswith(b"%PDF-"):
            raise forms.ValidationError(UNKNOWN)
        try:
            received.check(content)
        except received.Refused as error:
            raise forms.ValidationError(str(error)) from error
        return content
