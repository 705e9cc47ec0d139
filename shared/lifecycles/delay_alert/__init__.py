"""Tells the customer of delays, and of parcels that wait for the customer, before they ask."""
