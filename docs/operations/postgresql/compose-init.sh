#!/bin/sh
# Run once by the image of PostgreSQL, on an empty volume: docker-compose.yml.
set -eu
OPUS_OWNER_PASSWORD=$(cat /run/secrets/opus_owner_password)
OPUS_APP_PASSWORD=$(cat /run/secrets/opus_app_password)
export OPUS_OWNER_PASSWORD OPUS_APP_PASSWORD
psql -X --username "$POSTGRES_USER" --dbname postgres --file /etc/opus-roles.sql
