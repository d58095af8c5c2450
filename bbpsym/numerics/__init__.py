"""Evaluation of compiled systems: quadrature nodes, double precision, any precision, roots."""
