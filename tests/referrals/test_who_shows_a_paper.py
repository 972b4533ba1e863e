"""Each template and sender that leads to a paper asks whether it is still right.

docs/next-step.md names the two questions. What asks neither is listed here, with its
reason: a new page or letter is refused until it asks, or says why it need not.
"""

import ast
import inspect
import re
from pathlib import Path

import pytest
from django.conf import settings

from opus.lib.outbound.outbox import REGISTRY, Channel

TEMPLATES = Path(settings.BASE_DIR, "templates")
# A link to a paper, or a button that makes, sends or marks one.
LEADS_TO_A_PAPER = re.compile(
    r"""url\s["'](?:document\w*|documents_hand_over|print_job_pdf|mailed_document)["']
    |(?:document|paper|sheet)\.get_absolute_url|documents/progress\.html""",
    re.VERBOSE,
)
IN_TEMPLATES = re.compile(
    r"is_void|can_be_handed_over|step\.step|next_step|with_next_step"
)
IN_PYTHON = re.compile(
    r"is_void|next_step|with_next_step|waiting_for|outdated|unchanged|why_no_email"
)
# Template → why it need not ask.
TEMPLATES_THAT_NEED_NOT = {
    "referrals/bulk/check.html": "its link is the print job, which asks as it is read",
    "referrals/bulk/done.html": "its link is the print job, which asks as it is read",
    "referrals/candidate_emails/candidate_emails.html": "what was sent, and its link",
    "referrals/documents/document.html": "the paper itself, which prints its own avis",
    "referrals/documents/of_candidate.html": "its list is waiting_for(HAND_OVER)",
    "referrals/documents/waiting.html": "document() gives the good paper alone",
    "referrals/documents/print_job_progress.html": "its PDF says what is void",
    "referrals/todo/pile.html": "its list is the pile of one next step",
}
# Sender of the app → why it need not ask.
SENDERS_THAT_NEED_NOT = {
    "application-answered": "the agency's decision; the page that it opens asks",
    "appointments-untold": "the day is past: no paper is used any more",
    "candidate-erased-notice": "nothing is left to hand over",
    "caseload-confided": "persons, not acts",
    "caseload-received": "persons, not acts",
    "caseload-taken-back": "persons, not acts",
    "caseload-transfer-asked": "persons, not acts",
    "caseload-transfer-blocked": "persons, not acts",
    "caseload-transfer-stopped": "persons, not acts",
    "caseload-transfer-to-confirm": "persons, not acts",
    "cv-answered": "a CV that came, not a paper",
    "cvs-overdue": "a CV that did not come; the offer's part is in overdue()",
    "data-corrected": "a copy that was corrected",
    "new-offers-of-searches": "offers, not acts",
    "offers-back": "says itself that the offer is open again",
    "offers-withdrawn": "says itself that the papers are void",
    "person-appointment-off": "says itself that the appointment is off",
    "use-limited": "persons, not acts",
}


def leading_templates():
    found = {}
    for path in TEMPLATES.rglob("*"):
        if path.is_file() and path.suffix in {".html", ".txt"}:
            text = path.read_text(encoding="utf-8")
            if LEADS_TO_A_PAPER.search(text):
                found[str(path.relative_to(TEMPLATES))] = text
    return found


def test_each_template_that_leads_to_a_paper_asks_whether_it_is_right():
    found = leading_templates()
    assert len(found) > 8
    silent = {name for name, text in found.items() if not IN_TEMPLATES.search(text)}
    assert sorted(silent) == sorted(TEMPLATES_THAT_NEED_NOT)


def source_of(compose):
    """Return the source of a sender and of what it calls in its own module."""
    module = inspect.getmodule(compose)
    functions = {
        node.name: node
        for node in ast.parse(inspect.getsource(module)).body
        if isinstance(node, ast.FunctionDef)
    }
    reached = {}
    waiting = [compose.__name__]
    while waiting:
        node = functions[waiting.pop()]
        reached[node.name] = ast.unparse(node)
        names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        waiting += [name for name in names & set(functions) if name not in reached]
    return "\n".join(reached.values())


def test_each_sender_about_an_act_asks_one_of_the_two_questions():
    mine = {
        name: effect.compose
        for name, effect in REGISTRY.items()
        if effect.compose.__module__.startswith("referrals.")
        and effect.channel is Channel.MAIL
    }
    assert mine
    silent = {
        name
        for name, compose in mine.items()
        if not IN_PYTHON.search(source_of(compose))
    }
    assert silent == set(SENDERS_THAT_NEED_NOT)


@pytest.mark.parametrize("pattern", [IN_TEMPLATES, IN_PYTHON])
def test_what_does_not_ask_is_seen(pattern):
    assert not pattern.search("{% url 'document_pdf' document.pk %}")
