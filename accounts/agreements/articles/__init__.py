"""The agreement as a document: model text, PDF, signed copy."""
