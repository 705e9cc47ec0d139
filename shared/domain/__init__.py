"""Yoin's rules: pure Python, standard library only, frozen dataclasses, no clock of its own."""
