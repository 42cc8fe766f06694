"""Everything that faces the world: store, imports, exports, pages, command line."""
