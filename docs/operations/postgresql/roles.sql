-- The two roles of Opus and its database: a superuser runs this once.
--   psql -X -d postgres -f roles.sql
-- Set OPUS_OWNER_PASSWORD and OPUS_APP_PASSWORD before, or the passwords later by
-- \password, which sends no plain text. bin/run reads what stands between psql's own
-- lines, statement by statement: an empty line ends each.
\set ON_ERROR_STOP on

-- It owns the tables: migrate and the drill. CREATEDB: the drill has its own database.
CREATE ROLE opus_owner LOGIN CREATEDB;

-- The role of web, feed, worker and beat. `migrate` grants it what it needs, no more.
CREATE ROLE opus LOGIN;

CREATE DATABASE opus OWNER opus_owner TEMPLATE template0
    ENCODING 'UTF8' LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8';

REVOKE ALL ON DATABASE opus FROM PUBLIC;

GRANT CONNECT, TEMPORARY ON DATABASE opus TO opus;

\getenv owner_password OPUS_OWNER_PASSWORD
\getenv app_password OPUS_APP_PASSWORD
-- The server's log holds no password.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
\if :{?owner_password}
ALTER ROLE opus_owner PASSWORD :'owner_password';
\endif
\if :{?app_password}
ALTER ROLE opus PASSWORD :'app_password';
\endif
