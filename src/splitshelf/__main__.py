"""`python -m splitshelf` is the `splitshelf` command."""

from splitshelf.cli.main import main

main()
