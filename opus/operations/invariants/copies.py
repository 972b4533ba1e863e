"""What stands twice, and must be the same: printed texts, rows of the search (R28).

To compare them costs more than to count them. So each night reads one portion of a
large table, another one each night, until it begins again.
"""

from collections.abc import Iterator

from django.apps import apps

from offers.catalogue.models import Offer, OfferSearch
from opus.lib.files.frozen_documents import FrozenDocument
from opus.operations.invariants.counting import Invariant

# Rows of one table in a night.
OF_DOCUMENTS = 20_000
OF_OFFERS = 50_000
# The search has its own words for these.
COMPUTED = {"mode", "appellation", "rome_code"}


def rules() -> Iterator[Invariant]:
    for model in apps.get_models():
        if issubclass(model, FrozenDocument):
            yield printed_text(model)
    yield search_rows()


def printed_text(model: type[FrozenDocument]) -> Invariant:
    """Return the rule: the text is the one whose digest was taken, or erased."""
    table, key = model._meta.db_table, model._meta.pk.column
    return Invariant(
        f"{model._meta.model_name}_rewritten",
        f"{model._meta.verbose_name_plural}\xa0: texte qui n’est plus celui de son "
        "empreinte (art. 7)",
        f"""
        SELECT count(*) FROM {table} AS document
        WHERE {portion(table, f"document.{key}", OF_DOCUMENTS)} AND html <> ''
          AND html_sha256 <> encode(sha256(convert_to(html, 'UTF8')), 'hex')
        """,
    )


def search_rows() -> Invariant:
    """Return the rule: what ``opus_index_offers`` would write again is there."""
    own, offers = (
        {str(field.column) for field in model._meta.local_fields}
        for model in (OfferSearch, Offer)
    )
    same = sorted(own & offers - COMPUTED)
    shown, wanted = (
        ", ".join(f"{table}.{name}" for name in same) for table in ("shown", "offer")
    )
    return Invariant(
        "offers_shown_otherwise",
        "offres dont la ligne de recherche ne dit plus la même chose",
        f"""
        SELECT count(*) FROM offers_offersearch AS shown
        JOIN offers_offer AS offer ON offer.reference = shown.offer_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN preselection THEN contacts END AS hidden
        ) AS masked
        WHERE {portion("offers_offersearch", "shown.offer_id", OF_OFFERS)} AND (
            ({shown}) IS DISTINCT FROM ({wanted})
            OR shown.mode <> CASE WHEN NOT preselection THEN 'sans'
                WHEN delegated THEN 'deleguee' ELSE 'preselection' END
            -- One that has none gets what its name means, once that is learned.
            OR (offer.rome_code <> '' AND shown.rome_code <> offer.rome_code)
            OR shown.appellation IS DISTINCT FROM CASE WHEN offer.appellation <> ''
                THEN opus_label_key(opus_masked(offer.appellation, hidden)) END
            OR shown.vector <> (
                setweight(opus_words(
                    opus_masked(title || ' ' || offer.appellation, hidden)), 'A')
                || setweight(opus_words(
                    opus_masked(rome_label || ' ' || company, hidden)), 'B')
                || setweight(opus_words(opus_masked(skills_text, hidden)), 'C')
                || setweight(opus_words(opus_masked(description, hidden)), 'D')
            )
        )
        """,
    )


def portion(table: str, key: str, size: int) -> str:
    """Return the condition of tonight's rows: all, in a table of this size at most.

    By the number of rows at its last analysis: while it grows, some rows come again a
    little sooner or later.
    """
    nights = f"""(
            SELECT greatest(1, ceil(reltuples / {size}))::bigint
            FROM pg_class WHERE oid = '{table}'::regclass
        )"""
    today = "(now() AT TIME ZONE 'Europe/Paris')::date - date '2026-01-01'"
    return (
        f"abs(mod(hashtextextended({key}::text, 0), {nights})) = mod({today}, {nights})"
    )
