"""One verb per question, one frozen result per answer."""
