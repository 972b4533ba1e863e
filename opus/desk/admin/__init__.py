"""The desk's registers in France Travail's admin."""

from opus.desk.admin import rights as rights
