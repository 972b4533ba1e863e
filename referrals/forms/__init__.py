"""What advisers type."""
