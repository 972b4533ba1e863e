"""Measure search (P1, P2) over HTTP, beside two yardsticks.

The mix: a job in one word or two, often near a commune; filters, frequent words, far
pages, typing errors. Addresses whose words are still to be read. Yardsticks: plain
Django, Tantivy.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from random import Random
from urllib.parse import quote

import tantivy
from common import Failed, step
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import OperationalError, connection, transaction
from django.db.models import F

from offers.catalogue.models import Offer, OfferSearch
from tests.benches.browser import Browser
from tests.benches.command import BENCH
from tests.benches.measures import Table, percentiles, print_heading, since
from tests.benches.million import Million, warm
from tests.benches.site import Site, site

# For each kind: its share of a hundred searches, then its queries, used in turn.
KINDS = {
    "one word": (
        30,
        ["soudeur", "boulanger", "infirmier", "comptable", "cariste", "électricien",
         "macon", "serveur", "vendeur", "cuisinier", "plombier", "menuisier",
         "secrétaire", "carrossier", "poissonnier", "mécanicien", "coiffeur",
         "jardinier", "peintre", "couvreur", "boucher", "livreur", "magasinier",
         "gardien", "formateur", "éducateur", "ingénieur", "usineur", "chaudronnier",
         "fleuriste"],
    ),
    "two words": (
        20,
        ["aide soignant", "plombier chauffagiste", "assistant comptable",
         "agent d'entretien", "conducteur routier", "employé libre service",
         "chef de rang", "technicien maintenance", "chargé recrutement",
         "préparateur commandes", "opérateur production", "auxiliaire de vie",
         "hôte de caisse", "agent de sécurité", "monteur câbleur",
         "chauffeur poids lourd", "commis de cuisine", "gestionnaire paie",
         "assistant dentaire", "chef chantier"],
    ),
    "broad word": (
        8,
        ["équipe", "poste", "mission", "expérience", "client", "entreprise", "travail",
         "formation"],
    ),
    "radius": (
        20,
        ["soudeur&lieu=38185&rayon=30", "serveur&lieu=75056&rayon=10",
         "cariste&lieu=69123&rayon=100", "aide à domicile&lieu=35238&rayon=30",
         "vendeur&lieu=31555&rayon=30", "macon&lieu=59350&rayon=100",
         "&lieu=38193&rayon=30", "&lieu=75056&rayon=10",
         "infirmier&lieu=13055&rayon=30",
         "&lieu=44109&rayon=100", "comptable&lieu=67482&rayon=10",
         "&lieu=33063&rayon=30", "cuisinier&lieu=06088&rayon=100",
         "employé polyvalent&lieu=34172&rayon=30", "&lieu=76540&rayon=10",
         "agent de sécurité&lieu=69123&rayon=10", "&lieu=87085&rayon=100",
         "électricien&lieu=29019&rayon=30", "chauffeur&lieu=63113&rayon=100",
         "&lieu=21231&rayon=30"],
    ),
    "filters": (
        10,
        ["&contrat=CDI&temps=plein", "&contrat=CDD&experience=D", "&th=oui&publiee=non",
         "vendeur&contrat=CDI&temps=partiel", "&rome=K1304&mode=sans",
         "comptable&contrat=CDI&experience=D,S", "&contrat=FRA", "&peu=oui&depuis=7",
         "&lieu=38", "serveur&lieu=69&contrat=CDI"],
    ),
    "deep page": (
        6,
        ["équipe&page=40", "&page=120", "soudeur&page=30", "&lieu=r84&page=45",
         "vendeur&page=25", "&contrat=CDI&page=50"],
    ),
    "misspelt": (
        6,
        ["souddeur", "boulangé", "infirmiere liberal", "electritien", "plombeir",
         "licornophile"],
    ),
}  # fmt: skip
PAGES = 500
WARM_UP = 60
CLIENTS = 8
SECONDS = 20
# Limit of a yardstick: the plain way may need minutes.
PATIENCE_MS = 20_000
YARDSTICK_ROUNDS = 3
HITS = 20


def run(million: Million) -> None:
    print_heading(f"Search over {million.offers:,} offers")
    warm(million.environment)
    with site(million.environment) as opus:
        measure_pages(opus)
        measure_throughput(opus)
    compare(million)


def searches(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Yield (kind, query) of N searches of the mix, shuffled."""
    drawn = []
    for kind, (share, queries) in KINDS.items():
        some = islice(cycle(queries), max(len(queries), count * share // 100))
        drawn += [(kind, f"q={query}") for query in some]
    Random(seed).shuffle(drawn)
    yield from drawn


def time_page(client: Browser, query: str) -> float:
    """Return milliseconds to the last byte; raise Failed without results."""
    start = time.perf_counter()
    status, page = client.get(f"/offres/?{quote(query, safe='&=')}")
    taken = since(start)
    if status != 200 or "data-count=" not in page:
        raise Failed(f"/offres/?{query} answered {status}.")
    return taken


def measure_pages(opus: Site) -> None:
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    client = opus.adviser()
    with step(f"{PAGES} pages"):
        for _, query in searches(WARM_UP, seed=1):
            time_page(client, query)
        for kind, query in searches(PAGES, seed=2):
            times[kind].append(time_page(client, query))
    table = Table("page of results, ms", "pages", "p50", "p95", "p99", "most")
    for kind, taken in times.items():
        table.add(kind, len(taken), *percentiles(taken), max(taken))
    every = [one for taken in times.values() for one in taken]
    table.add("the mix", len(every), *percentiles(every), max(every))
    table.print()


def measure_throughput(opus: Site) -> None:
    """Measure P2: advisers at once, each in its own order."""
    end = time.monotonic() + SECONDS

    def search_on(number: int) -> list[float]:
        client, taken = opus.adviser(), list[float]()
        queries = cycle(list(searches(PAGES, seed=10 + number)))
        while time.monotonic() <= end:
            taken.append(time_page(client, next(queries)[1]))
        return taken

    with step(f"{CLIENTS} clients"), ThreadPoolExecutor(CLIENTS) as pool:
        start = time.monotonic()
        times = [one for some in pool.map(search_on, range(CLIENTS)) for one in some]
        seconds = time.monotonic() - start
    table = Table("clients", "pages", "pages/s", "p50", "p95", "p99")
    table.add(str(CLIENTS), len(times), len(times) / seconds, *percentiles(times))
    table.print()


# --- Yardsticks ---------------------------------------------------------------------


def compare(million: Million) -> None:
    index = tantivy_index(million)
    kinds = ("one word", "two words", "broad word", "misspelt")
    words = [text for kind in kinds for text in KINDS[kind][1]]
    ways: dict[str, Callable[[str], object]] = {
        "Django's plain way": plainly,
        "Tantivy": lambda text: of_tantivy(index, text),
    }
    table = Table("count and first page, ms", "asked", "p50", "p95", "most", "given up")
    for name, way in ways.items():
        taken, given_up = list[float](), 0
        with step(name):
            for text in words * YARDSTICK_ROUNDS:
                start = time.perf_counter()
                try:
                    way(text)
                except OperationalError:
                    given_up += 1
                taken.append(since(start))
        p50, p95, _ = percentiles(taken)
        table.add(name, len(taken), p50, p95, max(taken), given_up)
    table.print()


def plainly(text: str) -> object:
    """Match, rank, sort and count, as in Django's manual."""
    question = SearchQuery(text, config="opus_fr", search_type="plain")
    found = OfferSearch.objects.filter(vector=question)
    ranked = found.annotate(rank=SearchRank(F("vector"), question)).order_by("-rank")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
        return found.count(), list(ranked.values_list("pk", "rank")[:HITS])


def of_tantivy(index: tantivy.Index, text: str) -> object:
    words = text.replace("'", " ")  # Its syntax has quotes.
    question = index.parse_query(words, ["text"], conjunction_by_default=True)
    return index.searcher().search(question, HITS, count=True)


def tantivy_index(million: Million) -> tantivy.Index:
    folder = BENCH / f"tantivy_{million.database}"
    if not folder.exists():
        for old in BENCH.glob("tantivy_*"):
            shutil.rmtree(old)
        new = folder.with_suffix(".new")
        new.mkdir()
        with step("Making the index of Tantivy"):
            fill(open_index(new))
        new.rename(folder)
    index = open_index(folder)
    index.reload()
    return index


def open_index(folder: Path | None = None) -> tantivy.Index:
    """Open an index kept in a folder, else in memory."""
    schema = (
        tantivy.SchemaBuilder()
        .add_text_field("reference", stored=True, tokenizer_name="raw")
        .add_text_field("text", tokenizer_name="french")
        .build()
    )
    index = tantivy.Index(schema, path=str(folder) if folder else None)
    index.register_tokenizer("french", french())
    return index


def french() -> tantivy.TextAnalyzer:
    """Return French stems without accents."""
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .filter(tantivy.Filter.stemmer("french"))
        .build()
    )


def fill(index: tantivy.Index) -> None:
    writer = index.writer()
    texts = ["pk", "title", "appellation", "rome_label", "company"]
    texts += ["skills_text", "description"]
    # All texts come at once, which takes longer than a page may.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        offers = Offer.objects.active().values_list(*texts)
        for reference, *parts in offers.iterator(chunk_size=5_000):
            document = tantivy.Document()
            document.add_text("reference", reference)
            document.add_text("text", " ".join(parts))
            writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
