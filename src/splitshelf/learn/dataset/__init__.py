"""The log as integer-coded arrays: what every model is fitted on."""
