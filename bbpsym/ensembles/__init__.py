"""Random matrices as laws: what is averaged, over which variables, and what the signal is."""
