"""Count each night the rows that break an invariant (R28).

The causes may be a restoration, a disabled trigger, a clock or a rule over several
tables. Only counts are published.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.nominations.models import Nomination
from accounts.users.models import User
from offers.catalogue.models import Offer, OfferSearch
from opus.lib.background_files import FrozenDocument
from opus.lib.database.roles import LIMITS
from opus.lib.database.states import Stateful
from opus.lib.models import Finding
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.acts.states import LIVE_STATES
from referrals.caseloads.models import CaseloadTransfer


@dataclass(frozen=True)
class Invariant:
    """A rule, and the statement that counts what breaks it."""

    name: str
    label: str
    sql: str
    # Otherwise of the database's own rules and settings.
    is_of_rows: bool = True


def statement(invariants: Iterable[Invariant]) -> str:
    parts = (f"SELECT '{one.name}', ({one.sql})" for one in invariants)
    return " UNION ALL ".join(parts)


def count(invariants: Iterable[Invariant]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement(invariants))
        return dict(cursor.fetchall())


# The triggers and functions that the migrations of this release make; ``bin/check``
# fails where the two differ.
TRACKED = Path(__file__).parent / "data" / "rules.sql"
# Without the triggers of extensions; partitions have those of their table.
DEFINITIONS = """
SELECT part, name, rtrim(definition, E' \\n') AS definition FROM (
    SELECT 1 AS part, proname::text AS name, pg_get_functiondef(oid) AS definition
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a' AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
    )
    UNION ALL
    SELECT 2, tgname || ' ON ' || relname, pg_get_triggerdef(pg_trigger.oid)
        || CASE tgenabled WHEN 'D' THEN ' -- disabled' ELSE '' END
    FROM pg_trigger
    JOIN pg_class ON pg_class.oid = tgrelid
    WHERE NOT tgisinternal AND tgparentid = 0
        AND relnamespace = 'public'::regnamespace
) AS definitions
"""
# Each begins a line; only its own line has the name.
BEGINNING = re.compile(
    r"^CREATE (?:OR REPLACE (?:FUNCTION|PROCEDURE) public\.(?P<function>\w+)\("
    r"|(?:CONSTRAINT )?TRIGGER (?P<trigger>\w+) .* ON public\.(?P<table>\w+) )",
    re.MULTILINE,
)
END = ";\n\n"
# A restoration writes a trigger's condition anew, with other parentheses and casts.
REWRITTEN = r"[()]|::(character varying|text)(\[\])?"


def guard_rules() -> Iterator[Invariant]:
    """Return what PostgreSQL itself must hold: triggers, functions, settings."""
    both = f"""
        SELECT count(*) FROM jsonb_each_text('{json.dumps(tracked())}')
            AS tracked (name, digest)
        FULL JOIN (
            SELECT name, encode(sha256(convert_to(string_agg(
                definition, '' ORDER BY definition COLLATE "C"
            ), 'UTF8')), 'hex') AS digest
            FROM (
                SELECT part, name, CASE part WHEN 2
                    THEN regexp_replace(definition, '{REWRITTEN}', '', 'g')
                    ELSE definition
                END AS definition
                FROM ({DEFINITIONS}) AS written
            ) AS found GROUP BY part, name
        ) AS held USING (name)
        """
    for name, label, condition in (
        (
            "guards_missing",
            "déclencheurs et fonctions de cette version qui manquent dans la base",
            "held.digest IS NULL",
        ),
        (
            "guards_changed",
            "déclencheurs et fonctions de la base qui ne sont plus ceux de cette "
            "version",
            "held.digest <> tracked.digest",
        ),
        (
            "guards_unknown",
            "déclencheurs et fonctions de la base qu’aucune version n’a faits",
            "tracked.digest IS NULL",
        ),
    ):
        yield Invariant(name, label, f"{both} WHERE {condition}", is_of_rows=False)
    yield settings_by_hand()


def settings_by_hand() -> Invariant:
    """Return the rule: of the roles none, of the database the limits.

    PostgreSQL lets each role set its own, for the sessions to come: nothing forbids it.
    """
    limits = ", ".join(f"'{name}={value}'" for name, value in LIMITS.items())
    return Invariant(
        "settings_by_hand",
        "réglages de PostgreSQL changés pour un rôle d’Opus ou pour sa base (S42)",
        f"""
        SELECT count(*) FROM pg_db_role_setting, unnest(setconfig) AS setting
        WHERE setdatabase IN (
            0, (SELECT oid FROM pg_database WHERE datname = current_database())
        ) AND CASE setrole
            WHEN 0 THEN setdatabase <> 0 AND setting NOT IN ({limits}) AND (
                split_part(setting, '=', 1) = ANY('{{{",".join(LIMITS)}}}')
                OR setting LIKE 'opus.%'
            )
            ELSE setrole IN (
                SELECT oid FROM pg_roles WHERE rolname = '{settings.APP_ROLE}'
                UNION SELECT relowner FROM pg_class
                WHERE oid = 'public.lib_auditentry'::regclass
            )
        END
        """,
        is_of_rows=False,
    )


def tracked() -> dict[str, str]:
    """Return the digest of each name's definitions in ``rules.sql``."""
    text = TRACKED.read_text(encoding="utf-8")
    begins = [*BEGINNING.finditer(text)]
    ends = [*(found.start() for found in begins[1:]), len(text)]
    definitions = defaultdict(list)
    for found, end in zip(begins, ends, strict=True):
        name = found["function"] or f"{found['trigger']} ON {found['table']}"
        definition = text[found.start() : end].removesuffix(END)
        if found["trigger"]:
            definition = re.sub(REWRITTEN, "", definition)
        definitions[name].append(definition)
    return {
        name: hashlib.sha256("".join(sorted(each)).encode()).hexdigest()
        for name, each in definitions.items()
    }


def held() -> str:
    """Return the text of ``rules.sql`` that this database would have."""
    ordered = f'{DEFINITIONS} ORDER BY part, name COLLATE "C", definition COLLATE "C"'
    with connection.cursor() as cursor:
        cursor.execute(ordered)
        return "".join(f"{definition}{END}" for _, _, definition in cursor.fetchall())


# To compare what stands twice (printed texts, rows of the search) costs more than to
# count it: each night reads another portion of a large table, until it begins again.
# Rows in a night, of one table. Measured on 20 000 offers: 0.01 ms for the columns of
# one, 0.6 ms for its words, 0.4 ms for a text of 20 kB, and 2 s to choose a portion of
# a million rows. So a million offers take five nights by their columns, 4 s each, and
# fifty by their words, 14 s each.
OF_DOCUMENTS = 10_000
OF_OFFERS = 200_000
OF_WORDS = 20_000
# The search has its own words for these.
COMPUTED = {"mode", "appellation", "rome_code"}


def copy_rules() -> Iterator[Invariant]:
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


TODAY = "(now() AT TIME ZONE 'Europe/Paris')::date"
PARIS_DAY_OF_OPENING = "(used.opened_at AT TIME ZONE 'Europe/Paris')::date"
# An import dates its withdrawals from the start of its transaction. An act made
# meanwhile locks the offer, and the import waits for it: so the act may rightly be
# later. No import lasts an hour: its statements end after ten minutes.
LONGEST_IMPORT = "interval '1 hour'"
LIVE = ", ".join(f"'{state}'" for state in LIVE_STATES)

RULES = [
    Invariant(
        "quota",
        "structures avec plus de comptes que leur quota le jour du dernier compte "
        "ouvert (art. 4.2)",
        # An amendment may lower the quota below the open accounts: Opus closes
        # none and opens none. So compare on the day of the last opening; a
        # convention in force then still is, or has moved since.
        f"""
        SELECT count(*) FROM (
            SELECT structure_id, count(*) AS accounts, least(now(), max(greatest(
                created_at,
                (SELECT max(at) FROM accounts_accountstep
                 WHERE account_id = account.id AND target IN ('cree', 'actif')
                   AND origin NOT IN ('cree', 'actif'))
            ))) AS opened_at
            FROM accounts_user AS account
            WHERE role = 'conseiller' AND state IN ('cree', 'actif')
            GROUP BY structure_id
        ) AS used
        JOIN LATERAL (
            SELECT max(quota) AS allowed FROM accounts_convention AS convention
            CROSS JOIN LATERAL (
                SELECT opus_quota_on(
                    convention.id, greatest({PARIS_DAY_OF_OPENING}, starts_on)
                ) AS quota
                UNION ALL
                SELECT quota FROM accounts_amendment
                WHERE convention_id = convention.id AND state = 'confirme'
                  AND effective_on > {PARIS_DAY_OF_OPENING}
                  AND effective_on <= greatest({TODAY}, starts_on)
            ) AS terms
            WHERE structure_id = used.structure_id AND (
                state IN ('signee', 'preavis') OR EXISTS (
                    SELECT FROM accounts_conventionstep
                    WHERE convention_id = convention.id AND at >= used.opened_at
                )
            )
        ) AS held ON true
        WHERE used.accounts > held.allowed
        """,
    ),
    Invariant(
        "accounts_without_structure",
        "comptes de partenaires sans structure",
        """
        SELECT count(*) FROM accounts_user
        WHERE role IN ('conseiller', 'rgc') AND structure_id IS NULL
        """,
    ),
    Invariant(
        "structures_nowhere",
        "structures dont le code INSEE n’est celui d’aucune commune",
        """
        SELECT count(*) FROM accounts_structure
        WHERE commune_code NOT IN (SELECT code FROM offers_commune)
          AND commune_code NOT IN (SELECT code FROM offers_formercommune)
        """,
    ),
    Invariant(
        "sessions_of_closed_accounts",
        "sessions ouvertes de comptes fermés ou suspendus depuis plus d’un jour (S14)",
        """
        SELECT count(*) FROM accounts_opensession AS session
        JOIN accounts_user AS account ON account.id = session.account_id
        WHERE session.ended_at IS NULL AND account.state IN ('ferme', 'suspendu')
          AND session.seen_at < now() - interval '1 day'
        """,
    ),
    Invariant(
        "persons_of_closed_accounts",
        "candidats suivis par un compte fermé, sans transfert en attente ni arrêté "
        "(art. 4.2)",
        """
        SELECT count(*) FROM referrals_candidate AS person
        JOIN accounts_user AS account ON account.id = person.adviser_id
        WHERE account.state = 'ferme' AND NOT EXISTS (
            SELECT FROM referrals_caseloadtransfer
            WHERE account_id = account.id AND state IN ('attente', 'arrete', 'rendu')
        )
        """,
    ),
    Invariant(
        "rgc_in_office_twice",
        "conventions avec plusieurs RGC en fonction (art. 4.1)",
        """
        SELECT count(*) FROM (
            SELECT convention_id FROM accounts_nomination WHERE state = 'en_fonction'
            GROUP BY convention_id HAVING count(*) > 1
        ) AS twice
        """,
    ),
    Invariant(
        "documents_of_somebody_else",
        "documents au nom d’un autre candidat que celui de la proposition",
        """
        SELECT count(*) FROM referrals_document AS document
        JOIN referrals_act AS act ON act.id = document.act_id
        WHERE document.candidate_id <> act.candidate_id
        """,
    ),
    Invariant(
        "printed_without_bytes",
        "documents dits prêts, sans leur PDF",
        """
        SELECT count(*) FROM referrals_document
        WHERE ready_at IS NOT NULL AND (content IS NULL OR octet_length(content) = 0)
        """,
    ),
    # --- Acts (art. 3.2, 7) -----------------------------------------------------------
    Invariant(
        "act_live_twice",
        "propositions\xa0: deux en cours de même nature, pour le même candidat et la "
        "même offre",
        f"""
        SELECT count(*) FROM (
            SELECT kind, offer_id, candidate_id FROM referrals_act
            WHERE state IN ({LIVE}) GROUP BY kind, offer_id, candidate_id
            HAVING count(*) > 1
        ) AS twice
        """,
    ),
    Invariant(
        "act_after_withdrawal",
        "propositions\xa0: faites plus d’une heure après le retrait de leur offre",
        # A restored offer has later steps: use the last step before the act.
        f"""
        SELECT count(*) FROM referrals_act AS act
        JOIN LATERAL (
            SELECT target FROM offers_offerstep
            WHERE offer_id = act.offer_id AND at < act.created_at - {LONGEST_IMPORT}
            ORDER BY at DESC, id DESC LIMIT 1
        ) AS stood ON true
        WHERE stood.target <> 'active'
        """,
    ),
    Invariant(
        "act_without_document",
        "propositions\xa0: sans document (art. 7)",
        # An application after a CV or an appointment has no document of its own.
        f"""
        SELECT count(*) FROM referrals_act AS act
        WHERE NOT (act.kind = '{ActKind.SCREENED_REFERRAL.value}'
                   AND act.follows_id IS NOT NULL)
          AND NOT EXISTS (SELECT FROM referrals_document WHERE act_id = act.id)
        """,
    ),
    Invariant(
        "act_without_step",
        "propositions\xa0: sans aucune étape (R11)",
        """
        SELECT count(*) FROM referrals_act AS act WHERE NOT EXISTS (
            SELECT FROM referrals_actstep WHERE act_id = act.id
        )
        """,
    ),
    Invariant(
        "act_without_details",
        "convocations sans date ni lieu, ou date et lieu d’une autre proposition",
        f"""
        SELECT count(*) FROM referrals_act AS act
        LEFT JOIN referrals_appointmentdetails AS details ON details.act_id = act.id
        WHERE (act.kind = '{ActKind.APPOINTMENT.value}') <> (details.act_id IS NOT NULL)
        """,
    ),
    Invariant(
        "act_of_another_structure",
        "propositions\xa0: au nom d’une autre structure que celle du candidat",
        """
        SELECT count(*) FROM referrals_act AS act
        JOIN referrals_candidate AS person ON person.id = act.candidate_id
        WHERE person.structure_id <> act.structure_id
        """,
    ),
    Invariant(
        "offers_shown_after_withdrawal",
        "offres retirées qui restent dans la recherche",
        """
        SELECT count(*) FROM offers_offersearch AS shown
        JOIN offers_offer AS offer ON offer.reference = shown.offer_id
        WHERE offer.state <> 'active'
        """,
    ),
    Invariant(
        "offers_hidden_while_active",
        "offres actives absentes de la recherche",
        """
        SELECT count(*) FROM offers_offer AS offer WHERE offer.state = 'active'
          AND NOT EXISTS (
            SELECT FROM offers_offersearch WHERE offer_id = offer.reference
        )
        """,
    ),
    Invariant(
        "effects_with_two_ends",
        "courriels ou notifications avec deux fins",
        """
        SELECT count(*) FROM lib_outboxentry
        WHERE num_nonnulls(sent_at, dropped_at, given_up_at) > 1
        """,
    ),
    Invariant(
        "guards_switched_off",
        "déclencheurs de la base qui sont désactivés",
        """
        SELECT count(*) FROM pg_trigger
        JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = 'public'::regnamespace AND tgenabled = 'D'
        """,
    ),
]


def rules() -> Iterator[Invariant]:
    yield from RULES
    machines: tuple[type[Stateful], ...] = (
        User,
        Convention,
        Nomination,
        CaseloadTransfer,
        Act,
    )
    yield from map(states_along_steps, machines)
    yield from copy_rules()
    yield from guard_rules()


def states_along_steps(model: type[Stateful]) -> Invariant:
    """Return the rule: the state is the last step's."""
    link: Any = model._meta.get_field("steps")  # type: ignore[misc]
    steps, owner = link.related_model._meta.db_table, link.field.column
    title = str(model._meta.verbose_name_plural)
    return Invariant(
        f"{model._meta.model_name}_off_its_steps",
        f"{title}\xa0: état qui n’est pas celui de la dernière étape (R11)",
        f"""
        SELECT count(*) FROM {model._meta.db_table} AS thing
        JOIN LATERAL (
            SELECT target FROM {steps}
            WHERE {owner} = thing.id ORDER BY at DESC, id DESC LIMIT 1
        ) AS last ON true
        WHERE last.target <> thing.state
        """,
    )


@transaction.atomic
def check() -> dict[str, int]:
    """Count in one snapshot, save; return the broken ones."""
    now = timezone.now()
    known = dict(Finding.objects.values_list("name", "first_at"))
    with connection.cursor() as cursor:
        # Heavier than a page, and no user waits for it.
        cursor.execute("SET LOCAL statement_timeout = '60s'")
    counts = count(rules())
    for name, found in counts.items():
        since = known.get(name) or now
        values = {"count": found, "first_at": since if found else None}
        values["checked_at"] = now
        Finding.objects.update_or_create(pk=name, defaults=values)
    Finding.objects.exclude(pk__in=counts).delete()
    return {name: number for name, number in counts.items() if number}
