"""Models of counts kept up to date: histories follow the log, and are counted in one pass."""
