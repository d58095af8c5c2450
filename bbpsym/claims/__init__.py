"""Closed forms of a reader's own, held against the engine at random admissible points."""
