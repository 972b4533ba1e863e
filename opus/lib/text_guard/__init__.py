"""Free text is the exception, and what article 9.1 forbids has no place in it (V1-V7).

``guard.look`` reads a text and returns the forbidden subjects that it speaks of: a pure
function over rules kept as data (``rules/``). A field of a model that a person fills is
one of ``fields``; one of a form without a model behind it is one of ``forms``.

See docs/free-text.md.
"""
