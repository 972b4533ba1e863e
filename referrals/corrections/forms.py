from opus.lib.database.states import MoveRefused
from referrals.candidates.forms import CandidateForm
from referrals.candidates.models.candidates import Candidate
from referrals.corrections.actions import change_candidate


class CandidateEditForm(CandidateForm):
    def write(self) -> Candidate | None:
        # Read the row: ``_post_clean`` changed the object, and the action compares
        # with the stored values.
        candidate = Candidate.objects.get(pk=self.instance.pk)
        try:
            change_candidate(candidate, by=self.by, **self.cleaned_data)
        except MoveRefused as error:
            self.add_error(None, str(error))
            return None
        return candidate
