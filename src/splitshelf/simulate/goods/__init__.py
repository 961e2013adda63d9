"""What the generated shop sells: families, brands, colours and the words that name products."""
