import pytest

from tests.offers.factories import OfferFactory, withdraw
from tests.referrals.factories import DocumentFactory, ReferralFactory, end


@pytest.mark.django_db
def test_factories(adviser, rgc, ft_admin):
    assert rgc.is_rgc_in_office
    DocumentFactory(ready=True)
    r = ReferralFactory(handed_over=True, candidate__adviser=adviser)
    end(r)
    withdraw(OfferFactory())
