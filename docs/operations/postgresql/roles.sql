-- The two roles of Opus and its database, by a superuser, once:
--   OPUS_OWNER_PASSWORD=… OPUS_APP_PASSWORD=… psql -X -d postgres -f roles.sql
-- `opus_owner` migrates, restores and drills; `opus` is the role of the four processes.
-- `migrate` grants to `opus` what it needs of the tables.
\set ON_ERROR_STOP on
\getenv owner_password OPUS_OWNER_PASSWORD
\getenv app_password OPUS_APP_PASSWORD
-- The passwords stay out of the server's log.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';

-- CREATEDB: the drill restores into a database of its own.
CREATE ROLE opus_owner LOGIN CREATEDB PASSWORD :'owner_password';
CREATE ROLE opus LOGIN PASSWORD :'app_password';
CREATE DATABASE opus OWNER opus_owner TEMPLATE template0
    ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C';
REVOKE ALL ON DATABASE opus FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE opus TO opus;
