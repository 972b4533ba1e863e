"""What stands twice, and must be the same: printed texts, rows of the search (R28).

To compare them costs more than to count them. So each night reads one portion of a
large table, another one each night, until it begins again.
"""

from collections.abc import Iterator

from django.apps import apps

from offers.catalogue.models import Offer, OfferSearch
from opus.lib.background_files import FrozenDocument
from opus.operations.invariants.counting import Invariant

# Rows in a night, of one table. Measured on 20 000 offers: 0.01 ms for the columns of
# one, 0.6 ms for its words, 0.4 ms for a text of 20 kB, and 2 s to choose a portion of
# a million rows. So a million offers take five nights by their columns, 4 s each, and
# fifty by their words, 14 s each.
OF_DOCUMENTS = 10_000
OF_OFFERS = 200_000
OF_WORDS = 20_000
# The search has its own words for these.
COMPUTED = {"mode", "appellation", "rome_code"}


def rules() -> Iterator[Invariant]:
    for model in apps.get_models():
        if issubclass(model, FrozenDocument):
            yield printed_text(model)
    yield columns_of_search()
    yield words_of_search()


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


def columns_of_search() -> Invariant:
    """Return the rule: what one filters by is what the offer says."""
    own, offers = (
        {str(field.column) for field in model._meta.local_fields}
        for model in (OfferSearch, Offer)
    )
    same = sorted(own & offers - COMPUTED)
    shown, wanted = (
        ", ".join(f"{table}.{name}" for name in same) for table in ("shown", "offer")
    )
    return of_search(
        "offers_shown_otherwise",
        "offres dont la ligne de recherche ne dit plus la même chose",
        OF_OFFERS,
        f"""
        ({shown}) IS DISTINCT FROM ({wanted})
        OR shown.mode <> CASE WHEN NOT preselection THEN 'sans'
            WHEN delegated THEN 'deleguee' ELSE 'preselection' END
        -- One that has none gets what its name means, once that is learned.
        OR (offer.rome_code <> '' AND shown.rome_code <> offer.rome_code)
        """,
    )


def words_of_search() -> Invariant:
    """Return the rule: an offer is found by its own words (``opus_index_offers``)."""
    return of_search(
        "offers_found_otherwise",
        "offres trouvées par d’autres mots que les leurs",
        OF_WORDS,
        """
        shown.appellation IS DISTINCT FROM CASE WHEN offer.appellation <> ''
            THEN opus_label_key(opus_masked(offer.appellation, hidden)) END
        OR shown.vector <> (
            setweight(opus_words(
                opus_masked(title || ' ' || offer.appellation, hidden)), 'A')
            || setweight(opus_words(
                opus_masked(rome_label || ' ' || company, hidden)), 'B')
            || setweight(opus_words(opus_masked(skills_text, hidden)), 'C')
            || setweight(opus_words(opus_masked(description, hidden)), 'D')
        )
        """,
    )


def of_search(name: str, label: str, size: int, differs: str) -> Invariant:
    return Invariant(
        name,
        label,
        f"""
        SELECT count(*) FROM offers_offersearch AS shown
        JOIN offers_offer AS offer ON offer.reference = shown.offer_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN preselection THEN contacts END AS hidden
        ) AS masked
        WHERE {portion("offers_offersearch", "shown.offer_id", size)} AND ({differs})
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
