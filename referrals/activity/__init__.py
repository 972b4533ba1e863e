"""The follow-up of article 11: how many acts, of which kinds, with which outcomes.

docs/activity.md defines each figure.
"""
