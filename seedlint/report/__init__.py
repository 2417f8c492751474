"""The renderers: one output format a file, a report in, text out."""
