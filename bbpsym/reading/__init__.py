"""What people give: numbers of any kind, exactly, formulas as text, arrays of any origin."""
