from referrals.candidates.forms import CandidateForm
from referrals.candidates.models.candidates import Candidate
from referrals.corrections.actions import change_candidate


class CandidateEditForm(CandidateForm):
    def write(self) -> Candidate:
        # ``_post_clean`` wrote the form into the object: the action compares with
        # what the database holds.
        candidate = Candidate.objects.get(pk=self.instance.pk)
        change_candidate(candidate, by=self.by, **self.cleaned_data)
        return candidate
