"""How good a shop's data are, and what will and will not work with them."""
