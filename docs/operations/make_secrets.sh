#!/bin/sh
# Draws the secrets of a deployment, each in a file of its own; keeps those that exist.
#   make_secrets.sh FOLDER [POSTGRESQL_HOST [VALKEY_HOST]]
# Only the folder's owner may enter it. The files can be read inside a container, whose
# user has another number.
set -eu
if [ $# -lt 1 ] || [ $# -gt 3 ]; then
    echo "usage: make_secrets.sh FOLDER [POSTGRESQL_HOST [VALKEY_HOST]]" >&2
    exit 2
fi
folder=$1
postgresql=${2:-postgres}
valkey=${3:-valkey}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

# draw BYTES: in base64 for URLs, which is what Fernet's keys are as well.
draw() { head -c "$1" /dev/urandom | base64 -w 0 | tr '+/' '-_'; }
password() { draw 33 | tr -d '=_-' | cut -c 1-40; }
# keep NAME VALUE
keep() {
    if [ ! -e "$folder/$1" ]; then
        printf '%s\n' "$2" >"$folder/$1"
        chmod 444 "$folder/$1"
    fi
}
held() { cat "$folder/$1"; }

keep postgres_password "$(password)"
keep opus_owner_password "$(password)"
keep opus_app_password "$(password)"
keep valkey_password "$(password)"
keep opus_migrate_url "postgres://opus_owner:$(held opus_owner_password)@$postgresql/opus"
keep database_url "postgres://opus:$(held opus_app_password)@$postgresql/opus"
keep redis_url "redis://:$(held valkey_password)@$valkey/0"
keep valkey.conf "requirepass $(held valkey_password)"
keep opus_secret_key "$(draw 64)"
keep opus_otp_keys "$(draw 32)"
# To fill in: given by others, or empty where nothing is connected.
for name in opus_smtp opus_feed_secrets opus_api_client_secret \
    opus_webhooks_secret opus_metrics_token opus_sentry_dsn opus_search_url; do
    keep "$name" ""
done
# The owner fills these in.
chmod u+w "$folder"/*
