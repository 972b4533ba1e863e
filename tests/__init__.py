"""The proofs: real PostgreSQL, real Valkey, real addresses, factories, matrices."""
