"""Free text is the exception, and what article 9.1 forbids has no place in it (V1-V7).

``guard.look`` reads a text and says which forbidden subjects it speaks of: a pure
function over rules kept as data (``rules/``). A field of a model that a person fills
is a ``fields.NoteField`` or a ``fields.GuardedCharField``; one of a form without a
model behind it is a ``forms.NoteField`` or a ``forms.GuardedCharField``.

See docs/free-text.md.
"""
