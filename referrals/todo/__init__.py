"""The acts that wait for their adviser."""
