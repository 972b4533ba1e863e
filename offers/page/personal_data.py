"""Declare the personal data of offers: who opened which offer."""

from opus.lib.privacy.personal_data import Retention, Table, declare

declare(Table("offers.SeenOffer", Retention.HABITS, ("account",)))
