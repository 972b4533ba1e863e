"""The follow-up of article 11: how many acts, of which kinds, and what came of them.

``periods`` says which months, ``scopes`` whose acts, ``counts`` asks PostgreSQL,
``masks`` hides small numbers from whoever does not own the acts, ``tables`` are what
page, files and printed pack show alike. docs/activity.md says what each figure means.
"""
