"""The admin pages of each subject."""

from opus.operations import admin_invariants
