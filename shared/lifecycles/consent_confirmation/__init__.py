"""The consent confirmation: the second half of a double opt-in, one question per consent."""
