"""What the tests of the admin share."""
