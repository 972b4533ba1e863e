"""The personal data of the desk's tables."""

from opus.lib.personal_data import Retention, Table, hold

SEALED = "cette copie elle-même"

hold(
    Table("desk.Ticket", Retention.TICKETS, ("author",), others=("assignee",)),
    Table("desk.TicketStep", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("desk.Message", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("desk.Note", Retention.TICKETS, ("ticket__author",), others=("by",)),
    Table("desk.AnnouncementReading", Retention.HABITS, ("account",)),
    # That he answered or would not, and never what.
    Table("desk.SurveyRespondent", Retention.HABITS, ("account",)),
    # Public texts: an account only wrote them.
    Table("desk.AnnouncementStep", Retention.ACCOUNT, others=("by",)),
    Table("desk.IncidentUpdate", Retention.ACCOUNT, others=("by",)),
    Table("desk.Question", Retention.ACCOUNT, others=("updated_by",)),
    Table("desk.Guide", Retention.ACCOUNT, others=("updated_by",)),
    Table("desk.CertifiedBrowser", Retention.ACCOUNT, others=("updated_by",)),
    Table(
        "desk.RightsRequest",
        Retention.REQUESTS,
        accounts=("account",),
        candidates=("candidates__candidate",),
        others=("checked_by", "recorded_by"),
    ),
    Table(
        "desk.RightsRequestStep",
        Retention.REQUESTS,
        accounts=("request__account",),
        candidates=("request__candidates__candidate",),
        others=("by",),
    ),
    Table(
        "desk.ConcernedCandidate",
        Retention.ACTS,
        accounts=("request__account",),
        candidates=("candidate",),
    ),
    Table(
        "desk.PersonFile",
        Retention.FILES,
        accounts=("request__account",),
        candidates=("request__candidates__candidate",),
        others=("asked_by", "taken_by"),
        left_out={"content": SEALED},
    ),
)
