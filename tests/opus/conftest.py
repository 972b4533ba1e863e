"""What the pages of the site itself are tried with."""

from typing import Any

import pytest

from tests.referrals.factories import ReferralFactory


@pytest.fixture
def referral(db: None) -> Any:
    """One mise en contact whose document was not handed over."""
    return ReferralFactory()
