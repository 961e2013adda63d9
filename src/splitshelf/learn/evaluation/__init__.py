"""How good models are on what they have not seen: protocols, measurement, intervals."""
