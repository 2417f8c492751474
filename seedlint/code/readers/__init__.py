"""The readers: one file's bytes in, its facts out, a module for every kind of file that says what an experiment runs."""
