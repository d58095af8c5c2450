"""What is averaged: laws of labels, and the weight as a function of the label."""
