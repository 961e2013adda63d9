"""From the log to an artefact."""
