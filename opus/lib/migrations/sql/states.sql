-- The table of moves is the trigger's argument: {"state": ["state it may go to", …]}.
CREATE FUNCTION opus_allow_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT coalesce((TG_ARGV[0]::jsonb -> OLD.state) ? NEW.state, false) THEN
        RAISE EXCEPTION '%: % → % n’est pas un passage permis.',
            TG_TABLE_NAME, OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;

-- The number of a row's changes (opus/lib/database/versions.py).
CREATE FUNCTION opus_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END $$;

-- Refuses, with the sentence that the trigger brings. What is frozen lets its names go at
-- term (V9, V11): the purge alone may change it; rows still stay.
CREATE FUNCTION opus_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('opus.purging', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;
