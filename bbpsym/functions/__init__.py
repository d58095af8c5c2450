"""Real functions with proof: enclosures, signs, roots and extremes in ball arithmetic."""
