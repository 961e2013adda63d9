"""What happened: stores, importers, the catalogue and its cleaning."""
