"""The published protocol from many random seeds."""
