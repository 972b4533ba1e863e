"""Demandes de CV, with a trait for each state, and files that are CVs or are not."""

import datetime as dt
import io

import factory
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from factory.django import DjangoModelFactory
from PIL import Image

from referrals.acts.states import CvState
from referrals.cv_requests.models import CvFile, CvRequest
from tests.lib.uploads.files import PDF
from tests.offers.helpers.factories import OfferFactory
from tests.referrals.factories import ActFactory, DocumentFactory


def in_a_week():
    return timezone.localdate() + dt.timedelta(days=7)


class CvRequestFactory(ActFactory):
    class Meta:
        model = CvRequest

    class Params:
        handed_over = factory.Trait(
            state=CvState.HANDED_OVER,
            channel="main",
            handed_over_on=dt.date(2026, 11, 20),
        )
        reminded = factory.Trait(handed_over=True, state=CvState.REMINDED)
        sent = factory.Trait(handed_over=True, state=CvState.SENT)
        without_cv = factory.Trait(handed_over=True, state=CvState.WITHOUT_CV)
        cancelled = factory.Trait(state=CvState.CANCELLED)

    offer = factory.SubFactory(OfferFactory, preselected=True)
    due_on = factory.LazyFunction(in_a_week)


class CvFileFactory(DjangoModelFactory):
    class Meta:
        model = CvFile

    cv_request = factory.SubFactory(CvRequestFactory, sent=True)
    format = "pdf"
    content = PDF
    sha256 = "0" * 64
    size = len(PDF)
    by = factory.SelfAttribute("cv_request.adviser")


class CvLetterFactory(DocumentFactory):
    """The letter of a demande de CV."""

    act = factory.SubFactory(CvRequestFactory)


def photo(kind="JPEG", size=(900, 1200), **how):
    """A grey sheet whose upper left corner is red."""
    image = Image.new(how.pop("mode", "RGB"), size, how.pop("colour", "lightgrey"))
    image.paste("red", (0, 0, size[0] // 4, size[1] // 4))
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def upload(content=PDF, name="CV Karim Benali.pdf"):
    """A file as a browser sends it, under a name that tells whose it is."""
    return SimpleUploadedFile(name, content)
