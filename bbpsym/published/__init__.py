"""What others have printed, and what this package finds: numbers to check a tool against."""
