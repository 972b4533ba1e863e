"""What lies under every app and knows none of them."""
