"""YAML files → the model: where files are, what may stand in them, and what is wrong with them by line and column.

Importing this package, `paths` and `load` costs nothing; PyYAML and pydantic load where a file is read."""
