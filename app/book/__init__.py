"""A book of clients of many firms: read, scored and written in parts, on one machine or many."""

PART_CLIENTS = 400  # in a part, about
