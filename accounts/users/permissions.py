"""Admin permissions of France Travail's staff, by role (S27).

No role deletes. Conventions, annexes, RGC and accounts belong to the directorates. An
agent of an agency reads them, proposes an RGC, an amendment or an early end, and
records opinions and France Travail's replies on the acts of its offers (domain 5.7).
``accounts.users.territory`` defines the rows that each user sees.
"""

STAFF_PERMISSIONS: dict[str, dict[str, str]] = {
    "admin": {
        "accounts.agency": "view add change",
        "accounts.alert": "view change",
        "accounts.structure": "view add change",
        "accounts.convention": "view add change",
        "accounts.partnership": "view add change",
        "accounts.amendment": "view add change",
        "accounts.ending": "view add change",
        "accounts.breach": "view change",
        "accounts.letter": "view change",
        "accounts.nomination": "view add change",
        "accounts.reviewmeeting": "view add change",
        "accounts.teamreview": "view",
        "accounts.user": "view add change",
        "desk.ticket": "view change",
        "desk.question": "view add change",
        "desk.guide": "view change",
        "desk.certifiedbrowser": "view add change",
        "desk.announcement": "view add change",
        "desk.incident": "view add change",
        "desk.plannedwork": "view add change",
        "desk.survey": "view add change",
        "desk.rightsrequest": "view add change",
        "lib.auditentry": "view",
        "accounts.accounthold": "view add change",
        "lib.jobrun": "view",
        "lib.purgerun": "view",
        "lib.finding": "view",
        "lib.outboxentry": "view change",
        "lib.textfinding": "view",
        "offers.eventquarantine": "view change",
        "offers.feeddelivery": "view",
        "offers.feedevent": "view",
        "offers.importrun": "view",
        "offers.offer": "view",
        "offers.pullfinding": "view",
        "offers.pullrun": "view",
        "offers.quarantine": "view",
        "referrals.outcomecode": "view add change",
        "referrals.referral": "view change",
        "referrals.cvrequest": "view change",
        "referrals.screenedreferral": "view change",
        "referrals.candidatehold": "view add change",
        "referrals.caseloadtransfer": "view change",
        "referrals.slot": "view add change",
        "referrals.appointment": "view change",
    },
    "agent": {
        "accounts.agency": "view",
        "accounts.structure": "view",
        "accounts.convention": "view",
        "accounts.partnership": "view",
        "accounts.amendment": "view add",
        "accounts.ending": "view add",
        "accounts.breach": "view",
        "accounts.letter": "view",
        "accounts.nomination": "view add change",
        "accounts.reviewmeeting": "view add change",
        "desk.ticket": "view",
        "desk.announcement": "view",
        "desk.incident": "view",
        "desk.plannedwork": "view",
        "desk.rightsrequest": "view add change",
        "offers.offer": "view",
        "referrals.outcomecode": "view",
        "referrals.referral": "view change",
        "referrals.cvrequest": "view change",
        "referrals.screenedreferral": "view change",
        "referrals.slot": "view add change",
        "referrals.appointment": "view change",
    },
}


def staff_may(role: str, permission: str) -> bool:
    app, _, code = permission.partition(".")
    verb, _, model = code.partition("_")
    return verb in STAFF_PERMISSIONS.get(role, {}).get(f"{app}.{model}", "").split()
