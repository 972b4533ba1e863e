"""The demonstration: fictional people, offers and acts, the same every time (V21).

Nothing here runs outside demo mode: its accounts have a password that everybody knows.
"""
