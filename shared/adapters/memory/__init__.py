"""The ports in memory: for tests, and for simulations of many orders in little time."""
