"""Ways to make one model of several: the parts are fitted before, the blend weighs them."""
