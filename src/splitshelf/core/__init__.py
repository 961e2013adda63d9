"""The words of the house: what happened, what is known, what is shown. No input or output."""
