"""Code for every app, which imports none."""
