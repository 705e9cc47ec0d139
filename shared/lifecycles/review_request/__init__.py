"""Asks for a review once the customer has had the goods long enough to say something."""
