"""Texts must not mention what article 9.1 forbids (V1-V7); see docs/free-text.md.

``guard.look`` reads a text with the rules of ``rules/``; ``fields`` are for models,
``forms`` for forms without a model.
"""
