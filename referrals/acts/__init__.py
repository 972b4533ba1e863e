"""Shared by the four kinds of act: rules, states, timeline, webhooks."""
