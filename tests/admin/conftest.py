"""What the tests of the admin share."""

from tests.soundness import rows_keep_the_invariants as rows_keep_the_invariants
