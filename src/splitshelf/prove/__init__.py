"""Does it pay: experiments, their outcomes, statistics, guards and verdicts."""
