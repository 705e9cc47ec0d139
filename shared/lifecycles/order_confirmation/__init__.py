"""Tells the customer that the order arrived, and then that it is certain."""
