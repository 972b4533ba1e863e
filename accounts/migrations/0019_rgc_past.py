"""Nominations older than the file of an RGC: what their account and steps tell."""

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import TruncDate


def fill(apps, schema_editor):
    """Names from the account, dates from the steps; the proposal stood on paper."""
    Nomination = apps.get_model("accounts", "Nomination")
    person = apps.get_model("accounts", "User").objects.filter(pk=OuterRef("person"))
    steps = (
        apps.get_model("accounts", "NominationStep")
        .objects.filter(nomination=OuterRef("pk"))
        .order_by("pk")
    )

    def day(*targets):
        return Subquery(
            steps.filter(target__in=targets).values(day=TruncDate("at"))[:1]
        )

    def who(target):
        return Subquery(steps.filter(target=target).values("by")[:1])

    Nomination.objects.update(
        first_name=Subquery(person.values("first_name")),
        last_name=Subquery(person.values("last_name")),
        is_permanent_staff=True,
        has_responsibility=True,
        office_on=day("en_fonction"),
        accepted_by=who("accepte"),
        office_by=who("en_fonction"),
    )
    ended = Nomination.objects.filter(state__in=["parti", "retire"])
    ended.update(ended_on=day("parti", "retire"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0018_rgc_file")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
