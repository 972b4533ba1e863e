from accounts.signin.access import about_persons
from referrals.activity import urls as activity
from referrals.appointments import urls as appointments
from referrals.bulk import urls as bulk
from referrals.candidate_emails import urls as candidate_emails
from referrals.candidates import urls as candidates
from referrals.caseloads import urls as caseloads
from referrals.corrections import urls as corrections
from referrals.cv_requests import urls as cv_requests
from referrals.direct import urls as direct
from referrals.documents import urls as documents
from referrals.duplicates import urls as duplicates
from referrals.favourites import urls as favourites
from referrals.follow_up import urls as follow_up
from referrals.person_search import urls as person_search
from referrals.preselection import urls as preselection
from referrals.saved_searches import urls as saved_searches
from referrals.todo import urls as todo

urlpatterns = about_persons(
    pattern
    for subject in (
        candidates,
        corrections,
        duplicates,
        caseloads,
        documents,
        candidate_emails,
        direct,
        follow_up,
        preselection,
        cv_requests,
        appointments,
        saved_searches,
        favourites,
        person_search,
        bulk,
        activity,
        todo,
    )
    for pattern in subject.urlpatterns
)
