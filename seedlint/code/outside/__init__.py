"""What stands outside the Python code and says what it runs: commands, configuration files, and batches of runs."""
