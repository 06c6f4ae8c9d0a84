"""The evidence pipeline: pure functions over bytes, one step a file. Nothing here knows a person or a row."""
