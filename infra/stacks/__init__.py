"""The two stacks: what must survive, and the rest."""
