"""The published experiments, and what is made of them."""
