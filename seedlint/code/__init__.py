"""The code wing: files → facts → project → uses."""
