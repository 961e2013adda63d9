"""What we know: datasets, models, their quality, and the artefacts that hold them."""
