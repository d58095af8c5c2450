"""SymPy to functions in every arithmetic, kept as source so that nothing is derived twice."""
