"""From a loss to the paper about it: the derivation of any network, step by step."""
