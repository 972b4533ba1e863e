"""The rights of persons (art. 10): register, copies of data, words of the law."""
