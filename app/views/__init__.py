"""The pages: each shows what a plain module has worked out, and hands what was typed to another."""
