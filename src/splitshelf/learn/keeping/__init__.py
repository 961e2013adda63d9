"""Models of counts, kept up to date: who acted, or was forgotten, is counted anew alone."""
