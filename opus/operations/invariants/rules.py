"""Count each night the rows that break an invariant (R28).

The causes may be a restoration, a disabled trigger, a clock or a rule over several
tables. Only counts are published.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.agreements.models.conventions import Convention
from accounts.nominations.models import Nomination
from accounts.users.models.users import User
from opus.lib.database.models import Finding
from opus.lib.database.states import Stateful
from opus.operations.invariants import copies, guards
from opus.operations.invariants.counting import Invariant, count
from referrals.acts.act_rights import ActKind
from referrals.acts.models import Act
from referrals.acts.states import LIVE_STATES
from referrals.caseloads.models import CaseloadTransfer

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
    yield from copies.rules()
    yield from guards.rules()


def steps_of(model: type[Stateful]) -> tuple[str, str]:
    """Return the table of its steps, and their column of it."""
    link: Any = model._meta.get_field("steps")  # type: ignore[misc]
    return link.related_model._meta.db_table, link.field.column


def states_along_steps(model: type[Stateful]) -> Invariant:
    """Return the rule: the state is the last step's."""
    steps, owner = steps_of(model)
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
