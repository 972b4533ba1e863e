import pytest
from django.urls import NoReverseMatch, reverse

from opus.lib.web.addresses import address_of


@pytest.mark.parametrize("name", ["offer", "referral_start", "favourite_keep"])
def test_an_address_made_many_times_is_that_of_its_page(name):
    assert address_of(name, "188VMCV") == reverse(name, args=["188VMCV"])


def test_a_page_that_does_not_exist_has_none():
    with pytest.raises(NoReverseMatch):
        address_of("nowhere", "188VMCV")
