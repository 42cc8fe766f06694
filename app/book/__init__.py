"""A book of clients of many firms: read, scored and written in parts, on one machine or many."""
