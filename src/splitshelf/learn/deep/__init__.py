"""What the neural models share. Training needs the extra `deep`; answering needs only numpy."""
