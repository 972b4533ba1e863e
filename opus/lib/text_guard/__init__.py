"""Refuse texts with subjects forbidden by article 9.1 (V1-V7; docs/free-text.md).

``guard.look`` reads a text with the rules of ``rules/``; ``fields`` are for models,
``forms`` for forms without a model.
"""
