-- Trusted ones alone: a plain owner of the database may create them.
-- Rules over ranges of days (btree_gist), misspelt words (pg_trgm), accents (unaccent).
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
